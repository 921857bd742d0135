"""Markdown of a model that goes in circles: its cost grows with its length, no faster."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LENGTH = 2_000
"""Characters: in linear time a fiftieth of a second each; in quadratic time it is stopped."""
HANGS_AFTER_SECONDS = 120
MOST_GROWTH = 40
CONVERT = """
import json, sys
from got_loaders import markup
for reading in json.load(sys.stdin):
    forms = [markup.to_markdown(reading, language="markdown"), markup.to_html(reading,
             language="markdown"), markup.to_latex(reading, language="markdown")]
    print(max(map(len, forms)) / len(reading))
"""
PIECES = (
    "[", "![", "[^", "[a](", "[a](<b", "*", "*a **b ", "a*b*", "_a ", "~~", "`", "`a", "``a`",
    "<", "<a ",
    "<a b='", '<a b="', "<b><i>", "</b>", "<li>", "<div>\n", "<table>", "<table><tr><td>",
    "<td rowspan=999999999 colspan=999999999>x</td>", "<!--", "<?", "<![CDATA[",
    "<script>", "<pre>",
    "<math>", "<foo>", "$", "$a", "$$", "$$a", "\\(", "\\[", "\\begin{a}",
    "\\end{a}", "\\", "&", "&#1",
    "|", "a|", "|a|b|\n|-|-|\n", "# a\n", "> ", "- ", "- a\n", "> a\n", "1. ", "a\n---\n", "```\n",
    "[^1]: a\n", "[a]: b\n", "(", "\ufdd00\ufdd1", " ", "\n", "    - a\n", "<img>", "</img>",
)  # fmt: skip
READINGS = [piece * (LENGTH // len(piece)) + "b" for piece in PIECES]
READINGS += [
    "<table>" + "<tr><td colspan=999999999 rowspan=999999999>x</td></tr>" * 200 + "</table>",
    "|" * 400 + "\n" + "-|" * 400 + "\n" + "|a\n" * 1_000,
    "[" * (LENGTH // 2) + "]" * (LENGTH // 2),
    "".join(" " * depth + "- a\n" for depth in range(60)),
    "```markdown\n" * 900,
]


@pytest.mark.parametrize(
    "scale", [1, pytest.param(32, marks=pytest.mark.slow)], ids=["short", "long"]
)
def test_long_degenerate_markdown_is_converted(scale: int) -> None:
    """Each conversion ends, and what it writes is not out of all proportion."""
    done = subprocess.run(
        [sys.executable, "-c", CONVERT],
        input=json.dumps([reading * scale for reading in READINGS]).encode(),
        stdout=subprocess.PIPE,
        timeout=HANGS_AFTER_SECONDS * scale,
        check=True,
    )
    found = [float(line) for line in done.stdout.split()]
    assert len(found) == len(READINGS)
    assert max(found) <= MOST_GROWTH


def test_what_is_deeper_than_the_limit_is_not_left_out() -> None:
    """A word in a hundred lists, quotations or tags is still there."""
    from got_loaders.markup import to_text

    for before in ("- " * 100, "> " * 100, "<div>" * 100, "<b>" * 100, "1. > - " * 40):
        assert "word" in to_text(f"{before}word", language="markdown"), before
    deep = "".join(" " * 2 * depth + f"- word{depth}\n" for depth in range(60))
    assert all(f"word{depth}" in to_text(deep, language="markdown") for depth in range(60))


def test_more_than_any_page_has_is_text() -> None:
    """Half a megabyte is read as Markdown; what comes after stays, as it stands."""
    from got_loaders.markup import to_text

    text = to_text("word " * 100_001 + "\n\n# end **it**", language="markdown")
    assert text.count("word") == 100_001
    assert text.endswith("# end **it**")
