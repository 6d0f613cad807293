"""Pulumi's resource options, as a program gives them to a pool."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from types import NoneType
from typing import Any

import pulumi

from .inputs import camel_case, id_for_engine
from .validation import kind_of, nearest

Members = Mapping[str, Collection[str] | None]
"""Properties, each with its members, of which a plain one has none; None where they are free."""

_PACKAGE = "pulumi-python"
_AWS_PACKAGES = ("aws", "aws-native")
_INSTEAD = "a pool is a dynamic resource and has region and assume_role in its place"
_DURATION = re.compile(r"(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+")
_STEP = re.compile(r'\.?([^.\[\]"]+)|\[("(?:[^"\\]|\\.)*")\]|\[(\d+|\*)\]')
# Of the engine's, or of every resource alike: without meaning for a pool.
_REFUSED = {
    "import_": 'a pool is taken over by adopt_pool_id="{value}"',
    "version": "the provider is the installed Python package, whose version pip chooses",
    "plugin_download_url": "the provider is the installed Python package, which pip downloads",
    "env_var_mappings": "only providers have variables; set them where `pulumi` runs",
}

# What the SDK would answer with a traceback where it is something else ...
_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "delete_before_replace": (bool, "true or false"),
    "deleted_with": (pulumi.Resource, "a resource"),
    "hooks": (pulumi.ResourceHookBinding, "a ResourceHookBinding"),
    "parent": (pulumi.Resource, "a resource"),
    "protect": (bool, "true or false"),
    "retain_on_delete": (bool, "true or false"),
}
_LATER = (pulumi.Output, Awaitable)
# ... or a list of something else.
_LISTS: dict[str, tuple[Any, str]] = {
    "aliases": ((str, pulumi.Alias, *_LATER), "aliases"),
    "providers": (pulumi.ProviderResource, "providers"),
    "replace_with": (pulumi.Resource, "resources"),
    "state_migrations": (Callable, "functions"),
    "transformations": (Callable, "functions"),
    "transforms": (Callable, "functions"),
}

_PYTHON_PACKAGE = "a lookup is made by the installed Python package"
_REFUSED_OF_INVOKES = {
    "provider": "region and assume_role take its place",
    "version": _PYTHON_PACKAGE,
    "plugin_download_url": _PYTHON_PACKAGE,
    "depends_on": "only the form for outputs, with _output at the end of its name, can wait",
}


def options_for_engine(
    opts: Any, resource_name: str, inputs: Members, outputs: Members
) -> pulumi.ResourceOptions:
    """Return a copy of options with property paths in the engine's spelling.

    Refuses, in one sentence that names them all, options that are malformed or cannot be honoured.
    """
    start = f'The options of the pool of resource "{resource_name}"'
    if not isinstance(opts, (pulumi.ResourceOptions, NoneType)):
        raise pulumi.RunError(f"{start} must be ResourceOptions, but are {kind_of(opts)}.")
    ours = copy.copy(opts) if opts else pulumi.ResourceOptions()
    faults = [*_refused(ours), *_provider_faults(ours), *_timeout_faults(ours.custom_timeouts)]
    faults.extend(_type_faults(ours))
    if ours.id is not None:
        ours.id = id_for_engine(ours.id)
    for option in ("ignore_changes", "replace_on_changes", "hide_diffs"):
        faults.extend(_translate(ours, option, inputs))
    faults.extend(_translate(ours, "additional_secret_outputs", outputs))
    if faults:
        said = "; ".join(faults)
        raise pulumi.RunError(f"{start} cannot be used: {said}{'' if said.endswith('?') else '.'}")
    # The engine knows no secret members: all of the property is one.
    secret = [_steps(path)[0] for path in ours.additional_secret_outputs or ()]
    # A default tag may be a secret, which a provider is not told.
    ours.additional_secret_outputs = [*secret, "tagsAll"]
    return ours


def checked(transformation: pulumi.ResourceTransformation) -> pulumi.ResourceTransformation:
    """Return a transformation whose results are refused where the SDK would stumble over them."""

    def transform(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        result = transformation(args)
        props, opts = getattr(result, "props", None), getattr(result, "opts", None)
        if result is None or (
            isinstance(props, Mapping) and isinstance(opts, pulumi.ResourceOptions)
        ):
            return result
        raise pulumi.RunError(
            f'A transformation of resource "{args.name}" returns {kind_of(result)}'
            f"{f' with {kind_of(props)} and {kind_of(opts)}' if hasattr(result, 'props') else ''}; "
            "it must return None, or a ResourceTransformationResult with a dictionary of "
            "properties and ResourceOptions."
        )

    return transform


def warn_of_inherited_provider(
    pool: pulumi.CustomResource, opts: pulumi.ResourceOptions, is_placed: bool
) -> None:
    """Warn where a provider for AWS is not the pool's, and no region or role takes its place."""
    given = opts.providers.values() if isinstance(opts.providers, Mapping) else opts.providers or ()
    packages = {provider.package for provider in given}
    for package in _AWS_PACKAGES:
        inherited = opts.parent is not None and opts.parent.get_provider(f"{package}::")
        if not is_placed and (inherited or package in packages):
            pulumi.log.warn(
                f"The provider of package {package} that the pool inherits is not used for it: "
                f"{_INSTEAD}, and otherwise follows the stack's aws:* configuration.",
                resource=pool,
            )


def refuse_invoke_options(function: str, opts: pulumi.InvokeOptions | None) -> None:
    """Refuse, in one sentence that names them all, options that a lookup cannot honour."""
    if opts is None:
        return
    if not isinstance(opts, pulumi.InvokeOptions):
        raise pulumi.RunError(f"The opts of {function} must be InvokeOptions, not {kind_of(opts)}.")
    faults = [
        f"{option} has no effect here: {reason}"
        for option, reason in _REFUSED_OF_INVOKES.items()
        if getattr(opts, option, None)
    ]
    if faults:
        raise pulumi.RunError(f"The options of {function} cannot be used: {'; '.join(faults)}.")


def plain_invoke_options(opts: pulumi.InvokeOptions | None) -> pulumi.InvokeOptions | None:
    """Return the options of a lookup whose dependencies have been waited for."""
    if isinstance(opts, pulumi.InvokeOutputOptions):
        opts = copy.copy(opts)
        opts.depends_on = None
    return opts


def dependencies(opts: pulumi.InvokeOptions | None) -> list[pulumi.Output[Any]]:
    """Return outputs that are known once what a lookup depends on is there."""
    given = opts.depends_on if isinstance(opts, pulumi.InvokeOutputOptions) else None
    return [pulumi.Output.from_input(given).apply(_all_there)] if given is not None else []


def _all_there(given: Any) -> Any:
    resources = given if isinstance(given, (list, tuple)) else [given]
    there = [resource.id for resource in resources if isinstance(resource, pulumi.CustomResource)]
    for component in resources:
        if isinstance(component, pulumi.ComponentResource):
            there += [component.urn, _all_there(list(component._childResources))]
    return pulumi.Output.all(*there)


def plain_aliases(opts: pulumi.ResourceOptions | None) -> tuple[Any, ...]:
    """Return the earlier names of a resource, as far as they are plain.

    An interrupted run may have left a pool under one of them.
    """
    given = opts.aliases if opts and isinstance(opts.aliases, Sequence) else ()
    plain: list[Any] = []
    for alias in given:
        if isinstance(alias, pulumi.Alias):
            parts = (alias.stack, alias.project, alias.name)
            plain.append(tuple(part if isinstance(part, str) else None for part in parts))
        elif isinstance(alias, str):
            plain.append(alias)
    return tuple(plain)


def _refused(opts: pulumi.ResourceOptions) -> Iterator[str]:
    for option, reason in _REFUSED.items():
        value = getattr(opts, option, None)
        if value:
            yield f"{option} has no effect here: {reason.format(value=value)}"


def _type_faults(opts: pulumi.ResourceOptions) -> Iterator[str]:
    for option, (kind, called) in _TYPES.items():
        value = getattr(opts, option)
        if value is not None and not isinstance(value, kind):
            yield f"{option} must be {called}, but is {kind_of(value)}"
    for option, (kind, called) in _LISTS.items():
        items = getattr(opts, option, None) or []
        if option == "providers" and isinstance(items, Mapping):
            items = [*items.values()]
        if not isinstance(items, (list, tuple)):
            yield f"{option} must be a list of {called}, but is {kind_of(items)}"
        elif strays := [item for item in items if not isinstance(item, kind)]:
            yield f"{option} must be a list of {called}, but has {kind_of(strays[0])} in it"
    if opts.urn is not None and not isinstance(opts.urn, _LATER) and str(opts.urn).count("::") < 3:
        yield f"urn must be a URN, but is {json.dumps(opts.urn, default=kind_of)}"


def _provider_faults(opts: pulumi.ResourceOptions) -> Iterator[str]:
    if opts.provider is None:
        return
    package = getattr(opts.provider, "package", None)
    if package is None:
        yield f"provider must be a provider, but is {kind_of(opts.provider)}"
    elif package != _PACKAGE:
        yield f"provider is one of package {package}, but {_INSTEAD}"


def _timeout_faults(timeouts: Any) -> Iterator[str]:
    given = vars(timeouts) if isinstance(timeouts, pulumi.CustomTimeouts) else timeouts or {}
    if not isinstance(given, Mapping):
        yield f"custom_timeouts must be a CustomTimeouts, but is {kind_of(given)}"
        return
    for operation, value in given.items():
        if operation not in ("create", "update", "delete", "read"):
            yield f"custom_timeouts has {operation}, which is no operation"
        elif value is None or (_is_duration(value) and re.search("[1-9]", value)):
            continue
        else:
            shown = json.dumps(value) if isinstance(value, str) else kind_of(value)
            rule = 'must be a time above zero, such as "1h30m"'
            yield f"custom_timeouts.{operation} {rule}, but is {shown}"


def _is_duration(value: object) -> bool:
    return isinstance(value, str) and _DURATION.fullmatch(value) is not None


def _translate(opts: pulumi.ResourceOptions, option: str, known: Members) -> Iterator[str]:
    paths = getattr(opts, option, None)
    if paths is None:
        return
    if not isinstance(paths, (list, tuple)):
        yield f"{option} must be a list of property paths, but is {kind_of(paths)}"
        return
    translated = []
    for path in paths:
        try:
            translated.append(_engine_path(path, known))
        except ValueError as fault:
            yield f"{option} has {json.dumps(path, default=kind_of)}, {fault}"
    setattr(opts, option, translated)


def _engine_path(path: object, known: Members) -> str:
    steps = _steps(path) if isinstance(path, str) else []
    if not steps:
        raise ValueError("which is no property path")
    if steps[0] == "*":
        return "*"
    members = {camel_case(name): below for name, below in known.items()}
    top, nested = camel_case(steps[0]), steps[1:]
    below = members.get(top, ())
    if top not in members:
        raise ValueError(f"which names no property{nearest(top, list(members))}")
    if below is not None and nested:
        nested = [camel_case(step) for step in nested]
        names = [camel_case(name) for name in below]
        if len(nested) > 1 or nested[0] not in ["*", *names]:
            raise ValueError(f"which names no property in {steps[0]}{nearest(nested[0], names)}")
    return top + "".join(map(_engine_step, nested))


def _engine_step(step: str) -> str:
    if step == "*":
        return "[*]"
    return f".{step}" if step.isidentifier() else f"[{json.dumps(step)}]"


def _steps(path: str) -> list[str]:
    """The names in a property path; none where it is malformed."""
    found = list(_STEP.finditer(path))
    if "".join(step[0] for step in found) != path or path.startswith("."):
        return []
    groups = [step.groups() for step in found]
    return [json.loads(quoted) if quoted else name or index for name, quoted, index in groups]
