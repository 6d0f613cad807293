"""What the test needs: emulated AWS, and an engine for the stack."""

pytest_plugins = ["pulumi_workspaces_pool.testing.plugin"]
