"""`python -m tools.configuration_table`: write the table of the `aws:*` keys into the docs."""

from __future__ import annotations

from pathlib import Path

from pulumi_workspaces_pool import keys

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"
_BEGIN = "<!-- The table is written by `python -m tools.configuration_table`. -->\n"
_END = "<!-- Here it ends. -->\n"


def table() -> str:
    """Return the table in Markdown."""
    rows = [f"| `aws:{name}` | {key.standing} | {_note(name)} |" for name, key in keys.KEYS.items()]
    return "\n".join(["| key | here | meaning |", "| --- | --- | --- |", *rows, ""])


def _note(name: str) -> str:
    members = () if name == "endpoints" else keys.members(name)
    note = keys.KEYS[name].note
    return f"{note}; members: {', '.join(f'`{member}`' for member in members)}" if members else note


def with_table(page: str) -> str:
    """Return a page with the table between its two marks."""
    before, _, rest = page.partition(_BEGIN)
    return before + _BEGIN + table() + _END + rest.partition(_END)[2]


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
