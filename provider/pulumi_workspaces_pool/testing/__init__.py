"""Tools for tests of WorkSpaces pools: emulated AWS, a local engine, pytest fixtures."""
