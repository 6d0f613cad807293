"""The dependency graph of a list of resources: who must go before whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from .state import Resource


class DependencyGraph:
    """Dependencies among resources that are listed so that each follows what it depends on."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        """Order the resources as they are listed."""
        self._resources = list(resources)
        self._index = {resource: index for index, resource in enumerate(resources)}

    def __contains__(self, resource: Resource) -> bool:
        """Whether a resource is in the list."""
        return resource in self._index

    def depending_on(self, root: Resource, ignored: Collection[str]) -> list[Resource]:
        """The resources that depend on one, directly or not, in the order of the list.

        Args:
            root: the resource.
            ignored: URNs that are left out, with what depends on them only.
        """
        found: list[Resource] = []
        urns = {root.urn}
        for resource in self._resources[self._index[root] + 1 :]:
            if resource.urn not in ignored and not urns.isdisjoint(_dependencies(resource)):
                found.append(resource)
                urns.add(resource.urn)
        return found

    def needed_by(self, resources: Iterable[Resource]) -> set[Resource]:
        """The resources that some depend on, directly or not: parents and providers, too."""
        urns = set().union(*(_needs(resource) for resource in resources))
        found: set[Resource] = set()
        # What is needed is listed before what needs it.
        for resource in reversed(self._resources):
            if resource.urn in urns:
                found.add(resource)
                urns |= _needs(resource)
        return found

    def antichains(self, resources: Collection[Resource]) -> list[list[Resource]]:
        """Group resources so that every group can be deleted at once, after those before it."""
        order = sorted(resources, key=lambda resource: self._index.get(resource, 0))
        needs = {resource: self._dependencies_of(resource, order) for resource in order}
        groups: list[list[Resource]] = []
        while order:
            left = set(order)
            groups.append([resource for resource in order if left.isdisjoint(needs[resource])])
            left.difference_update(groups[-1])
            order = [resource for resource in order if resource in left]
        groups.reverse()
        return groups

    def _dependencies_of(self, resource: Resource, others: Sequence[Resource]) -> set[Resource]:
        # Who depends on a component depends on what is inside it. Only what is listed before can
        # be depended on, so there are no cycles, whatever a file says.
        urns = _dependencies(resource)
        inside = {r.urn for r in self._resources if r.urn in urns and not r.custom}
        position = self._index.get(resource, len(self._resources))
        return {
            other
            for other in others
            if self._index.get(other, 0) < position
            and (other.urn in urns or other.urn == resource.parent or other.parent in inside)
        }


def _needs(resource: Resource) -> set[str]:
    return _dependencies(resource) | ({resource.parent} if resource.parent else set())


def _dependencies(resource: Resource) -> set[str]:
    urns = {resource.deleted_with, resource.provider_urn()}
    urns.update(resource.dependencies, resource.replace_with)
    urns.update(*resource.property_dependencies.values())
    urns.discard("")
    return urns
