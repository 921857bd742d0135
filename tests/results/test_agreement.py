"""How far a reading agrees with the page's own words, and what only the model wrote."""

from __future__ import annotations

import json
import pickle
import random
import time
from collections.abc import Callable
from dataclasses import asdict

import pytest

from got_loaders import Agreement, OcrResult, PageInfo, PageResult
from got_loaders._characters import clean_text
from got_loaders.markup import to_text, to_text_and_formulas
from got_loaders.results.agreement import compare
from got_loaders.results.agreement.compare import MAX_LENGTH
from tests.markup.case_files import CASES

COMMON = ("the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "as", "was", "with", "be")
"""Words that any two texts share."""


def prose(count: int, seed: int) -> list[str]:
    """Words as in a text: half of them are in all texts, the others in this one."""
    draw = random.Random(seed)
    return [
        draw.choice(COMMON)
        if draw.random() < 0.5
        else "".join(draw.choices("abcdefghiklmnoprstu", k=draw.randint(4, 9)))
        for _ in range(count)
    ]


def lines(words: list[str], width: int = 9) -> str:
    """They as a page has them."""
    return "\n".join(" ".join(words[i : i + width]) for i in range(0, len(words), width))


def agreed(reading: str, own_text: str) -> Agreement:
    """They can be compared."""
    found = compare(reading, own_text)
    assert found is not None
    return found


PAGE = prose(400, 1)
OTHER = prose(60, 2)


@pytest.mark.parametrize("share", [0, 0.02, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("how", ["changed", "left out", "added"])
def test_the_score_falls_by_the_share_of_words_that_differ(share: float, how: str) -> None:
    """1.0 for a page that is read as its layer, 0.95 where 5 % of the words are other ones."""
    draw = random.Random(7)
    edits: dict[str, Callable[[str], list[str]]] = {
        "changed": lambda word: [f"x{word}"],
        "left out": lambda _: [],
        "added": lambda word: [word, "surplus"],
    }
    hit = [draw.random() < share for _ in PAGE]
    reading = [
        w
        for word, is_hit in zip(PAGE, hit, strict=True)
        for w in (edits[how](word) if is_hit else [word])
    ]
    found = agreed(" ".join(reading), lines(PAGE))
    expected = 1 - sum(hit) / max(len(PAGE), len(reading))
    assert found.score == pytest.approx(expected, abs=0.02 if share > 0.2 else 1e-9)
    assert (found.score == 1) is (share == 0)
    assert bool(found.only_in_reading) is (share > 0 and how != "left out")


@pytest.mark.parametrize("place", [0, 200, 400])
def test_an_invented_paragraph_is_one_span_of_the_text(place: int) -> None:
    """It is found by its place in the text, whole, wherever it stands; nothing else is named."""
    before, after = lines(PAGE[:place]), lines(PAGE[place:])
    reading = "\n\n".join(filter(None, (before, lines(OTHER), after)))
    found = agreed(reading, lines(PAGE, 11))
    (span,) = found.only_in_reading
    assert span.text == reading[span.start : span.end] == lines(OTHER)
    assert (span.words, found.only_in_layer, found.words) == (60, 0, 460)
    assert found.score == pytest.approx(400 / 460)


def test_what_was_left_out_lowers_the_score_and_is_no_span() -> None:
    """A page that lacks a paragraph has nothing that only the model wrote."""
    found = agreed(" ".join(PAGE[:200] + PAGE[260:]), lines(PAGE))
    assert (found.score, found.only_in_reading, found.only_in_layer) == (0.85, (), 60)
    replaced = agreed(" ".join(PAGE[:200] + OTHER + PAGE[260:]), lines(PAGE))
    assert replaced.score == 0.85
    assert [span.words for span in replaced.only_in_reading] == [60]


def test_the_order_of_columns_does_not_count() -> None:
    """Neither columns that were swapped, nor a file that has them line by line, nor paragraphs in
    another order; an invented paragraph among them is found all the same."""
    left, right = PAGE[:200], PAGE[200:]
    assert agreed(" ".join(right + left), lines(PAGE)).score == 1
    across = "\n".join(
        " ".join(left[i : i + 8]) + "\n" + " ".join(right[i : i + 8]) for i in range(0, 200, 8)
    )
    assert agreed(" ".join(left + right), across).score > 0.99
    found = agreed(" ".join(right + OTHER + left), across)
    assert [span.words for span in found.only_in_reading if span.words > 3] == [60]
    blocks = [PAGE[i : i + 20] for i in range(0, 400, 20)]
    random.Random(4).shuffle(blocks)
    assert agreed(" ".join(word for block in blocks for word in block), lines(PAGE)).score == 1


def test_a_low_agreement_is_told_from_a_stamp() -> None:
    """A page should be looked at where a real layer says something else than the reading."""
    assert not agreed(" ".join(PAGE), lines(PAGE)).is_low
    assert agreed(" ".join(PAGE), lines(prose(400, 9))).is_low
    assert agreed(" ".join(PAGE[:300]), lines(PAGE)).is_low
    assert not agreed(" ".join(PAGE[:330]), lines(PAGE)).is_low
    assert not agreed("a few words", "another few").is_low
    stamp = agreed(" ".join(PAGE), " ".join(PAGE[:20]))
    assert stamp.score == pytest.approx(0.05)
    assert (stamp.words_in_layer, stamp.is_low) == (20, False)


def test_words_that_all_texts_have_are_no_agreement() -> None:
    """A layer of another page agrees with nothing."""
    assert agreed(" ".join(PAGE), lines(prose(400, 9))).score < 0.05


@pytest.mark.parametrize(
    ("reading", "own_text"),
    [
        ("The first office", "THE \ufb01rst o\ufb03ce"),  # ligatures, case
        ("a well-known example", "a well-\nknown exam-\nple"),  # parted at the line's end
        ("an example of it", "an exam\u00ad\nple of it"),
        ("an example of it", "an exam ple of it"),
        ("Hello of all", "H e l l o of all"),  # spaced out
        ("isn't \u201cit\u201d \u2014 so", 'isn\u2019t "it" - so.'),
        ("caf\u00e9 na\u00efve", "cafe\u0301 na\u00a8\u0131ve"),  # accents beside their letters
        ("fran\u00e7ais", "franc\u00b8ais"),
        ("\uff26\uff55\uff4c\uff4c width 12", "Full width \uff11\uff12"),
        ("CO2 is x2 of H2O1", "CO 2 is x\u00b2 of H2O\u00b9"),
        ("1,234.56 of 2024", "1,234.56 of\n2024"),
        ("\u4eca\u5929\u5f88\u597d\uff0c\u6211", "\u4eca \u5929\n\u5f88 \u597d, \u6211"),
        ("\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9", "\u05e9\u05dc\u05d5"),  # points of Hebrew
        ("\u0633\u0644\u0627\u0645", "\u0633\u0651\u064e\u0644\u0627\u0645"),  # and of Arabic
        ("\u0634\u0643\u0644\u0627\u062a", "\u0634\u0643\u0627\u0644\u062a"),  # a ligature parted
        ("\ufeb3\ufefc\u0645", "\u0633\u0644\u0627\u0645"),  # its forms
        ("\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u093f\u0928\u094d\u0926\u0940"),
    ],
)  # fmt: skip
def test_ways_of_writing_the_same_agree(reading: str, own_text: str) -> None:
    """What a file and a model write in different ways is the same word."""
    assert agreed(reading, own_text).score == agreed(own_text, reading).score == 1


@pytest.mark.parametrize(
    ("reading", "own_text", "words"),
    [
        ("a price of 12.34", "a price of 1234", ["12.34"]),
        ("r\u00e9sum\u00e9 of it", "resume of it", ["r\u00e9sum\u00e9"]),
        ("\u5f88\u597d\u5929\u6c14", "\u5f88\u574f\u5929\u6c14", ["\u597d"]),
        ("\u0939\u093f\u0926\u0940 x", "\u0939\u093f\u0926\u0941 x", ["\u0939\u093f\u0926\u0940"]),
        ("we\ufb01nd it", "we lose it", ["we\ufb01nd"]),
    ],
)  # fmt: skip
def test_what_differs_is_named_as_it_stands_in_the_text(
    reading: str, own_text: str, words: list[str]
) -> None:
    """A comma, an accent or a character that differs does count; places are those of the text."""
    found = agreed(reading, own_text)
    assert [span.text for span in found.only_in_reading] == words
    assert all(reading[s.start : s.end] == s.text for s in found.only_in_reading)
    assert found.score < 1


FORMATTED = (
    r"\title{A report}"
    "\n\n"
    r"\section*{1. Numbers} \textbf{Bold} of \( x^{2}+\alpha_{i} \) and "
    r"\[ \frac{a}{b}=\int_{0}^{\infty} f(t) dt \] for all \( \sin \theta \)."
    "\n"
    r"\begin{tabular}{lll}\multicolumn{2}{c}{both} & cell \\ b & 12 & 7.5 \\ d & 3 & 4\end{tabular}"
)
OWN = (
    "A report\n1. Numbers\nBold of x2 + \u03b1i and\na\nb\n=\n"
    "\u222b \u221e\n0\nf(t) dt\nfor all sin \u03b8.\n"
)


@pytest.mark.parametrize("table", ["both cell\nb 12 7.5\nd 3 4", "both\nb\nd\n12\n3\ncell\n7.5\n4"])
def test_markup_and_formulas_count_neither_for_nor_against(table: str) -> None:
    """The words of headings and cells count, be the layer's table by rows or columns; a cell that
    the text repeats counts once; formulas and their scattered signs count not at all."""
    info = PageInfo(source="a.pdf", number=0)
    result = PageResult(info=info, ocr=OcrResult(text=FORMATTED), own_text=OWN + table)
    assert result.agreement == Agreement(score=1.0, words_in_reading=17, words_in_layer=17)
    invented = f"{FORMATTED}\n\nThis was never on the page: {' '.join(OTHER)}"
    found = PageResult(info=info, ocr=OcrResult(text=invented), own_text=OWN + table)
    assert found.agreement is not None
    (span,) = found.agreement.only_in_reading
    assert span.text.startswith("This was never")
    assert found.text[span.start : span.end] == span.text
    plain = PageResult(info=info, ocr=OcrResult(text="x y z"), own_text="x\ny z", formatted=False)
    assert plain.agreement == Agreement(score=1.0, words_in_reading=3, words_in_layer=3)
    assert pickle.loads(pickle.dumps(found)).agreement == found.agreement  # our own
    assert json.dumps([asdict(found.agreement), found.own_text])


def test_a_formula_excuses_no_paragraph() -> None:
    """Words that the reading lacks beside a formula count, but for those that may be its signs."""
    info = PageInfo(source="a.pdf", number=0)
    own = f"Let\nx2\n{lines(OTHER)}\nbe so"
    found = PageResult(info=info, ocr=OcrResult(text=r"Let \( x^2 \) be so"), own_text=own)
    assert found.agreement is not None
    assert 58 <= found.agreement.only_in_layer <= 60
    assert found.agreement.score < 0.1


def test_nothing_to_compare_is_none() -> None:
    """Where the file names no words, nothing was read, or the model was not asked."""
    info = PageInfo(source="a.pdf", number=0)
    ocr = OcrResult(text="some words")
    for result in (
        PageResult(info=info, ocr=ocr),
        PageResult(info=info, ocr=ocr, own_text=""),
        PageResult(info=info, ocr=ocr, own_text="\u2022 \ue001\ue002 \ufffd"),
        PageResult(info=info, ocr=ocr, own_text="some words", origin="text_layer"),
        PageResult(info=info, own_text="some words", origin="blank"),
        PageResult(info=info, own_text="some words", origin="failed", error="broken"),
        PageResult(info=info, ocr=OcrResult(text=r"\[ x^2 \]"), own_text="x2"),
        PageResult(info=info, ocr=ocr, own_text="x " * MAX_LENGTH),
    ):
        assert result.agreement is None
    empty = PageResult(info=info, ocr=OcrResult(text=""), own_text="some words")
    assert empty.agreement == Agreement(
        score=0.0, words_in_reading=0, words_in_layer=2, only_in_layer=2
    )


def test_formulas_are_found_in_the_text_that_a_result_has() -> None:
    """Marking them changes no text, whatever was read."""
    for case in CASES:
        text = clean_text(case.text)
        for language in ("mathpix", "markdown"):
            written, parts = to_text_and_formulas(text, language=language)
            assert written == to_text(text, language=language), case.name
            edges = [edge for part in parts for edge in part]
            assert edges == sorted(edges), case.name
            assert not edges or edges[-1] <= len(written), case.name


@pytest.mark.parametrize(
    ("reading", "own_text"),
    [
        ("a b " * 4_000, "b a " * 30_000),
        (" ".join(map(str, range(9_000))), " ".join(map(str, range(60_000, 0, -1)))),
        ("a" + "\u0301" * 200_000, "a-" * 100_000),
        ("x\n" * 8_000, "\n".join("xyz"[n % 3] for n in range(50_000))),
        ("\u4e2d\u6587" * 4_000, "\u6587\u4e2d\u4e2d" * 20_000),
    ],
)  # fmt: skip
def test_hostile_layers_take_no_more_than_their_size(reading: str, own_text: str) -> None:
    """The longest layer that a page may have, beside the longest reading, ends soon."""
    started = time.thread_time()
    found = agreed(reading, own_text)
    assert 0 <= found.score <= 1
    assert time.thread_time() - started < 30  # a square of these lengths would take minutes
