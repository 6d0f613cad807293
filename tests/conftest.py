"""The fixtures of every test: the ones that this package gives its users."""

from __future__ import annotations

import os

pytest_plugins = ["pulumi_workspaces_pool.testing.plugin"]

# Everything that the programs of these tests need is installed: the CLI need not look for more.
os.environ.setdefault("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
