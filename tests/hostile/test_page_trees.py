"""Page trees, labels and outlines that lead in circles, lie, or have no end."""

from __future__ import annotations

import functools

import pytest

from got_loaders.errors import SourceRefusedError
from tests.fuzz.running import at_most
from tests.hostile.reading import documents, results, unfit
from tests.hostile.writing import page_pdf, pdf_of, stream

ROOT = "<</Type/Catalog/Pages 2 0 R>>"
LEAF = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 90]>>"

TREES = {
    "that is its own child": ["<</Type/Pages/Kids[2 0 R]/Count 1>>"],
    "that holds itself and a page": ["<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>", LEAF],
    "of two that hold each other": [
        "<</Type/Pages/Kids[3 0 R]/Count 9>>",
        "<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 9>>",
    ],
    "that is its own parent": ["<</Type/Pages/Parent 2 0 R/Kids[3 0 R]/Count 1>>", LEAF],
    "of a page that is its own parent": [
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 3 0 R>>",
    ],
    "of a page that holds pages": [
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/Kids[2 0 R 3 0 R]/Count 1>>",
    ],
    "of numbers": ["<</Type/Pages/Kids[1 2 3]/Count 3>>"],
    "of nothing": ["<</Type/Pages/Kids[9 0 R 10 0 R null]/Count 3>>", *[LEAF] * 3],
    "that is no tree": ["[2 0 R]"],
    "that is a stream": ["<</Length 9999999999>>stream\nendstream"],
}


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("pages", [None, "1", "-1"])
def test_trees_that_lead_in_circles(name: str, pages: str | None) -> None:
    """Each page is read or an error, and so is the whole; it takes no time."""
    with at_most(60):
        found = results(pdf_of([ROOT, *TREES[name]]), pages=pages)
    assert 1 <= len(found) <= 9


@pytest.mark.parametrize("count", [10**9, 2**31 - 1, 2**31, 10**15, -1, -(2**31), 0])
@pytest.mark.parametrize("pages", [None, "1-2", slice(0, 3)])
def test_a_count_that_lies(count: int, pages: str | slice | None) -> None:
    """Billions of pages that are not there cost nothing."""
    tree = f"<</Type/Pages/Kids[3 0 R]/Count {count}>>"
    with at_most(60):
        found = results(pdf_of([ROOT, tree, LEAF]), pages=pages)
    assert 1 <= len(found) <= 3


def test_a_count_that_lies_a_little() -> None:
    """Pages that are missing are errors of their own, not blank."""
    tree = "<</Type/Pages/Kids[3 0 R]/Count 5>>"
    found = results(pdf_of([ROOT, tree, LEAF, *["null"] * 9]))
    assert [result.origin for result in found] == ["blank"] + ["failed"] * 4


def test_thousands_of_errors_in_one_document() -> None:
    """A file that is one Document says of its pages what fits into its metadata."""
    tree = "<</Type/Pages/Kids[3 0 R]/Count 1000>>"
    (document,) = documents(pdf_of([ROOT, tree, LEAF, *["null"] * 1200]), mode="single")
    assert unfit(document) == []
    assert "page 2: the PDF is damaged here" in document.metadata["error"]


def test_a_deep_tree() -> None:
    """A page 3,000 levels down is read, or an error."""
    branches = [f"<</Type/Pages/Kids[{n + 1} 0 R]/Count 1>>" for n in range(2, 3000)]
    (result,) = results(pdf_of([ROOT, *branches, LEAF]))
    assert result.error is None or "the PDF is damaged" in result.error


@functools.cache
def hundred_thousand() -> bytes:
    """A file of 100,000 pages, all of them real."""
    leaves = " ".join(f"{3 + number} 0 R" for number in range(100_000))
    tree = f"<</Type/Pages/Kids[{leaves}]/Count 100000/MediaBox[0 0 90 90]>>"
    return pdf_of([ROOT, tree, *["<</Type/Page/Parent 2 0 R>>"] * 100_000])


def test_a_hundred_thousand_pages_are_refused_by_name() -> None:
    """The error names the limit and what to do; it comes at once."""
    with at_most(60), pytest.raises(SourceRefusedError, match=r"max_pages=50000.*by pages="):
        results(hundred_thousand(), on_error="raise")
    (result,) = results(hundred_thousand())
    assert "more than max_pages=50000 pages" in str(result.error)


@pytest.mark.parametrize("pages", ["1-3", "99998-100000", "-1,1,50000"])
def test_some_of_a_hundred_thousand_pages_are_quick(pages: str) -> None:
    """Wherever they stand."""
    with at_most(60):
        found = results(hundred_thousand(), pages=pages)
    assert [result.origin for result in found] == ["blank"] * 3


CYCLES = {
    "labels that hold themselves": ("/PageLabels 4 0 R", ["<</Kids[4 0 R 4 0 R]>>"]),
    "labels in a circle": (
        "/PageLabels 4 0 R",
        ["<</Kids[5 0 R 5 0 R]>>", "<</Kids[4 0 R 4 0 R]/Nums[0<</S/D/P(x)>>]>>"],
    ),
    "labels without end": (
        "/PageLabels 4 0 R",
        [f"<</Nums[0<</S/a/St 2147483647/P({'p' * 100_000})>>]>>"],
    ),
    "a prefix that steers": ("/PageLabels 4 0 R", ["<</Nums[0<</P(\\033]0;x\\007\\n\\000)>>]>>"]),
    "an outline in a circle": (
        "/Outlines 4 0 R",
        [
            "<</Type/Outlines/First 5 0 R/Last 5 0 R/Count 1>>",
            "<</Title(x)/Parent 4 0 R/Next 5 0 R/Prev 5 0 R/First 5 0 R>>",
        ],
    ),
    "names in a circle": ("/Names<</Dests 4 0 R>>", ["<</Kids[4 0 R]>>"]),
    "layers in a circle": ("/OCProperties<</D<</Order 4 0 R>>>>", ["[4 0 R 4 0 R]"]),
    "a form whose fields are their own": (
        "/AcroForm<</Fields[4 0 R]>>",
        ["<</T(a)/Kids[4 0 R]/Parent 4 0 R>>"],
    ),
}


@pytest.mark.parametrize("name", CYCLES)
def test_other_trees_in_circles(name: str) -> None:
    """The page is read, with a label that is short and clean."""
    root, objects = CYCLES[name]
    with at_most(60):
        (document,) = documents(page_pdf(*objects, root=root), skip_blank=False)
    assert unfit(document) == []
    assert document.page_content == "text"
    assert 1 <= len(document.metadata["page_label"]) <= 200


@pytest.mark.parametrize("trailer", ["/Prev 9", "/Prev 0", "/XRefStm 9", "/Encrypt 3 0 R"])
def test_cross_references_in_circles(trailer: str) -> None:
    """The file is repaired, or an error."""
    (result,) = results(page_pdf(trailer=trailer))
    assert result.error is None or "PDF" in result.error


@pytest.mark.parametrize("sign", ["[", "<<", "(", "<</A "])
def test_brackets_in_brackets(sign: str) -> None:
    """A million deep: no stack overflows but the worker's."""
    (result,) = results(page_pdf(sign * 300_000, root="/Extra 4 0 R/PageLabels 4 0 R"))
    assert result.error is None or "PDF" in result.error or "ended the process" in result.error


def test_the_tree_of_a_tagged_document_is_not_followed() -> None:
    """A chain of 20,000 elements, asked for 3,000 times, costs the page nothing."""
    count, first = 20_000, 6
    chain = [
        f"<</Type/StructElem/S/P/P {number - 1 if number > first else 5} 0 R/K {number + 1} 0 R>>"
        for number in range(first, first + count)
    ]
    leaf = first + count
    data = page_pdf(
        stream(b"/P <</MCID 0>> BDC EMC " * 3000 + b"20 20 99 40 re f"),
        f"<</Type/StructTreeRoot/K {first} 0 R/ParentTree<</Nums[0[{leaf} 0 R]]>>>>",
        *chain,
        f"<</Type/StructElem/S/P/P {leaf - 1} 0 R/Pg 3 0 R/K 0>>",
        page="/MediaBox[0 0 200 100]/Contents 4 0 R/StructParents 0",
        root="/StructTreeRoot 5 0 R/MarkInfo<</Marked true>>",
    )
    (page,) = results(data, max_page_seconds=20)
    assert page.origin == "ocr"
