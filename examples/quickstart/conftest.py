"""Loads the fixtures of `pulumi_workspaces_pool.testing`: emulated AWS, and stacks on it."""

pytest_plugins = ["pulumi_workspaces_pool.testing.plugin"]
