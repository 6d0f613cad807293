"""Tools for tests of WorkSpaces pools: emulated AWS, stacks under test, pytest fixtures."""
