"""The functions that programs call."""

from __future__ import annotations

from collections.abc import Callable

from .resource_type import Properties
from .session import Aws


def _get_bundle(aws: Aws, arguments: Properties) -> Properties:
    """aws.workspaces.get_bundle: by id, or by owner and name."""
    workspaces = aws.client("workspaces", arguments)
    if "bundleId" in arguments:
        found = workspaces.describe_workspace_bundles(BundleIds=[arguments["bundleId"]])["Bundles"]
    else:
        owner = {"Owner": arguments["owner"]} if "owner" in arguments else {}
        pages = workspaces.get_paginator("describe_workspace_bundles").paginate(**owner)
        bundles = [bundle for page in pages for bundle in page["Bundles"]]
        found = [bundle for bundle in bundles if bundle["Name"] == arguments.get("name")]
    if not found:
        raise LookupError("reading WorkSpaces Bundle: empty result")
    bundle = found[0]
    return {
        "id": bundle["BundleId"],
        "bundleId": bundle["BundleId"],
        "name": bundle["Name"],
        "owner": bundle["Owner"],
        "description": bundle["Description"],
        "computeTypes": [{"name": bundle["ComputeType"]["Name"]}],
        "rootStorages": [{"capacity": bundle["RootStorage"]["Capacity"]}],
        "userStorages": [{"capacity": bundle["UserStorage"]["Capacity"]}],
        "region": arguments.get("region") or aws.region,
    }


FUNCTIONS: dict[str, Callable[[Aws, Properties], Properties]] = {
    "aws:workspaces/getBundle:getBundle": _get_bundle,
}
