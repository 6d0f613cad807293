"""URNs, provider references and type tokens: the names that Pulumi gives to things.

Follows https://www.pulumi.com/docs/iac/concepts/resources/names/#urns.
"""

from __future__ import annotations

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"
DYNAMIC_PACKAGE = "pulumi-python"


def make_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """Name a resource.

    Args:
        stack: the stack's name.
        project: the project's name.
        parent: the parent's URN, or nothing.
        type_: the type token.
        name: the logical name.

    Returns:
        The URN, with the types of the parents (the stack left out) before its own.
    """
    qualified = type_
    if parent and qualified_type(parent) != STACK_TYPE:
        qualified = f"{qualified_type(parent)}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def qualified_type(urn: str) -> str:
    """The types of a URN: those of its parents and its own, joined by ``$``."""
    return urn.split("::", 3)[2]


def urn_type(urn: str) -> str:
    """The type token of the resource that a URN names."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def urn_name(urn: str) -> str:
    """The logical name in a URN."""
    return urn.split("::", 3)[3]


def package_of(type_: str) -> str:
    """The package whose provider serves a type or function token."""
    if is_provider_type(type_):
        return "pulumi"
    return type_.split(":", 1)[0]


def is_provider_type(type_: str) -> bool:
    """Whether resources of this type are providers themselves."""
    return type_.startswith(PROVIDER_PREFIX)


def provided_package(type_: str) -> str:
    """The package that a provider resource of this type serves."""
    return type_.removeprefix(PROVIDER_PREFIX)


def split_reference(reference: str) -> tuple[str, str]:
    """Take a provider reference apart.

    Args:
        reference: ``<urn>::<id>``.

    Returns:
        The provider's URN and its id; two empty strings for an empty reference.
    """
    urn, _, id_ = reference.rpartition("::")
    return urn, id_
