"""A draft is cut and reflowed the way that a model writes, whatever text it is."""

from __future__ import annotations

import pytest

from got_loaders.engine.processor.drafts import draft_variants, pieces


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("one\ntwo", "one two"),
        ("well-\nknown", "wellknown"),
        ("1990-\n1995", "1990- 1995"),
        ("one\n\ntwo\n \n\nthree", "one\ntwo\nthree"),
        ("a long line that goes on\nshort end.\nA new paragraph here\nx", None),
        ("\u8fd9\u662f\n\u4e00\u9875 one\n\u9875", "\u8fd9\u662f\u4e00\u9875 one \u9875"),
        ("\ufb01ne \u00a0 \r\nday", "fine day"),
    ],
)
def test_lines_are_joined_to_paragraphs(text: str, paragraphs: str | None) -> None:
    """Hyphens at line ends go, blank lines and short last lines part paragraphs."""
    variants = draft_variants(text, formatted=False, max_new_tokens=100)
    expected = paragraphs or "a long line that goes on short end.\nA new paragraph here x"
    assert variants[-1] == expected
    assert len(set(variants)) == len(variants)


def test_signs_of_latex_are_escaped_once() -> None:
    """As the formatted mode writes them; a reading with mark-up stands as it is, too."""
    variants = draft_variants("R&D 5 %\n#1 a_b", formatted=True, max_new_tokens=100)
    assert variants == (r"R\&D 5 \% \#1 a\_b", "R&D 5 %\n#1 a_b")
    reading = "\\section*{R\\&D}\n\\(x_{1}\\)"
    assert reading in draft_variants(reading, formatted=True, max_new_tokens=100)
    assert r"R\&D" in draft_variants(reading, formatted=True, max_new_tokens=100)[0]


@pytest.mark.parametrize("formatted", [False, True])
@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "x", "\n" * 9_999, " " * 99_999 + "x", "x" + " " * 99_999, "-\n" * 20_000],
)
def test_any_text_has_its_variants(text: str, formatted: bool) -> None:
    """None of nothing; and no more of a long text than an answer can use."""
    variants = draft_variants(text, formatted=formatted, max_new_tokens=10)
    assert bool(variants) == bool(text.strip())
    assert all(0 < len(variant) <= 2_000 for variant in variants)


def test_half_a_character_can_be_encoded() -> None:
    """No tokenizer takes a lone surrogate, as files and JSON have them: it is a question mark."""
    for text in ("\ud800", "one \udfff\n\ud83dtwo", "a" * 1_999 + "\U0001f600"):
        for variant in draft_variants(text, formatted=False, max_new_tokens=10):
            assert variant.encode().decode() == variant
    assert draft_variants("one \ud800\ntwo", formatted=False, max_new_tokens=10)[0] == "one ?\ntwo"


@pytest.mark.parametrize(
    "text", ["", "ab\ncd " * 90, "x" * 500, "\n" * 500, "a \n \n b" * 90, " " * 500 + "x"]
)
def test_pieces_are_the_text(text: str) -> None:
    """Cut before a line or a word, where there is one; together they are the text."""
    parts = [*pieces(text, 40)]
    assert "".join(parts) == text
    assert all(0 < len(part) <= 40 for part in parts)
    if text.startswith("ab"):
        assert all(part.startswith("cd") for part in parts[1:])
