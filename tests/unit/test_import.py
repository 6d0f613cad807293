"""Importing the package costs a program next to nothing: boto3 is for the provider's process."""

from __future__ import annotations

import subprocess
import sys

import pulumi_workspaces_pool as package


def test_importing_the_package_does_not_import_boto3() -> None:
    program = (
        "import sys, pulumi_workspaces_pool\n"
        "print([name for name in ('boto3', 'botocore', 'moto') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_public_names_are_the_resource_its_arguments_and_the_lookups() -> None:
    assert "WorkspacesPool" in package.__all__
    assert all(hasattr(package, name) for name in package.__all__)
    assert list(package.__all__) == sorted(package.__all__, key=_as_ruff_sorts)


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    return (0 if name[0].isupper() else 1, name)
