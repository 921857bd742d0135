"""The simulation of drafts counts what the engine would count; how many, a benchmark says."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks._draft_pages import DraftPage, in_lines, in_paragraphs, marked_up, misread
from benchmarks._draft_tokenizer import encoder, from_ranks
from benchmarks.draft_steps import BUDGETS, Case, cases, kinds, main, simulate, total
from got_loaders.engine.draft.budget import DraftBudget

DRAFT = "A page of pro-\nse in two lines,\n\nand 23 words of no great meaning. " * 12
PAGES = [
    DraftPage("one", DRAFT, DRAFT.replace("A", "\\section*{A}")),
    DraftPage("two", "b" * 9, ""),
]


def test_ranks_are_merged_the_lowest_first() -> None:
    """A tokenizer of ranks has the tokens of its makers': bytes, and what merges of them."""
    ranks = {bytes([byte]): byte for byte in range(256)}
    ranks |= {b"ab": 256, b"bc": 257, b"abc": 258, b" a": 259}
    core = from_ranks(ranks)
    assert core.encode("abc").ids == [258]
    assert core.encode("bcd").ids == [257, ord("d")]
    assert core.encode("x a").ids == [ord("x"), 259]
    assert (
        core.decode(core.encode("\u00e4bc\n\nab", add_special_tokens=False).ids) == "\u00e4bc\n\nab"
    )


def test_a_reading_is_its_draft_with_words_misread() -> None:
    """None of them, or some; in lines, in paragraphs, with mark-up; the same every time."""
    chance = random.Random(1)
    assert misread(DRAFT, 0, chance) == DRAFT
    assert misread(DRAFT, 0.1, chance) != misread(DRAFT, 0.1, chance) != DRAFT
    assert "\n\n" not in in_lines(DRAFT)
    assert "of prose in two lines,\nand" in in_paragraphs(DRAFT)
    assert r"\section*{A}" in marked_up(PAGES[0], chance)
    encode = encoder(None)
    for kind in kinds(PAGES).values():
        assert cases(PAGES, kind, encode) == cases(PAGES, kind, encode)


def test_steps_are_counted_and_cost_what_the_table_says() -> None:
    """A right draft takes an eighth of the steps, none at all takes one for each token."""
    reading = tuple(random.Random(0).choices(range(9_000), k=81))
    free = DraftBudget(costs=((1, 1.0), (8, 2.0)))
    right = simulate(Case(reading, (reading,)), free)
    assert (right.tokens, right.steps, right.cost) == (80, 10, 20.0)
    for budget, widths in BUDGETS.values():
        none = simulate(Case(reading, ()), budget, widths)
        assert (none.tokens, none.steps) == (80, 80)
        assert none.cost == pytest.approx(80)
    assert total([right, none]).steps == 90


@pytest.mark.slow
def test_the_table_has_all_kinds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Where there is no folder of documents, pages are made; each kind has its line."""
    main([str(tmp_path / "none"), "--pages", "2"])
    printed = capsys.readouterr().out.splitlines()
    assert 1 <= int(printed[0].split()[0]) <= 2
    assert len(printed) == 3 + len(kinds(PAGES))
