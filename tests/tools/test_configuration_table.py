"""The table of the `aws:*` keys: that of the installed pulumi_aws, and current in the docs."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from pulumi_workspaces_pool import keys
from tools.configuration_table import PAGE, with_table

# Importing pulumi_aws takes seconds.
_PACKAGE = importlib.util.find_spec("pulumi_aws")
assert _PACKAGE is not None
assert _PACKAGE.origin is not None
CONFIG = Path(_PACKAGE.origin).parent / "config"


def test_the_members_are_those_of_the_installed_pulumi_aws() -> None:
    classes = re.split(
        r"^class (\w+)\(dict\):", (CONFIG / "outputs.py").read_text("utf-8"), flags=re.M
    )
    for name, body in zip(classes[1::2], classes[2::2], strict=True):
        getters = re.findall(r'@pulumi\.getter(?:\(name="(\w+)"\))?\s+def (\w+)', body)
        expected = {alias or plain for alias, plain in getters}
        assert expected == set(keys.members(name[0].lower() + name[1:])), name


def test_the_table_in_the_docs_is_current() -> None:
    page = PAGE.read_text("utf-8")
    assert with_table(page) == page, "run `python -m tools.configuration_table`"
