"""Our own Markdown is read as it was written: the same again."""

from __future__ import annotations

import pytest

from got_loaders.markup import to_markdown
from tests.markup.case_files import CASES

OTHERWISE = {
    "valid/plain-lists/bullets",  # lines of an item are judged without their neighbours' lengths
    "broken/notes/footnote-in-a-cell",  # HTML names a note as such, text has it in brackets
}


@pytest.mark.parametrize("table_format", ["gfm", "html"])
def test_our_markdown_read_again_is_the_same(table_format: str) -> None:
    """What becomes of each case is Markdown of which the same becomes."""
    assert table_format in ("gfm", "html")
    changed = []
    for case in CASES:
        once = to_markdown(case.text, table_format=table_format)  # type: ignore[arg-type]  # above
        again = to_markdown(once, table_format=table_format, language="markdown")  # type: ignore[arg-type]
        if once != again:
            changed.append(case.name)
    assert set(changed) <= OTHERWISE
