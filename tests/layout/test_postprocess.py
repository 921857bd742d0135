"""What a detector sees becomes regions: typed, apart from each other, on the page, in order."""

from __future__ import annotations

import math

import pytest

from got_loaders.layout import MAX_REGIONS
from got_loaders.layout.detector.labels import region_type
from got_loaders.layout.detector.postprocess import Detection, regions_from
from got_loaders.types import REGION_TYPES, Box, Region

LABELS = {
    "title": "Title Section-header doc_title paragraph_title section_header ParaTitle DocTitle",
    "text": "Text text plain_text abstract aside_text algorithm Footnote Code Form key-value-region"
    " Key-Value_Region Checkbox-Selected checkbox_unselected vertical_text paragraph LABEL_0",
    "list": "List List-item list_item content reference Document_Index document-index",
    "table": "Table table TABLE table_rotated",
    "figure": "Picture figure image chart seal",
    "formula": "Formula formula isolate_formula display_formula inline_formula formula_number",
    "caption": "Caption figure_title table_title chart_title figure_caption table_caption"
    " figure_table_chart_title table_footnote vision_footnote",
    "header": "Page-header header header_image page_header PageHeader",
    "footer": "Page-footer footer footer_image page_footer number",
}


@pytest.mark.parametrize("kind", REGION_TYPES)
def test_labels_of_known_checkpoints(kind: str) -> None:
    """Every published label has its type, in upper or lower case, hyphens or underscores."""
    names = LABELS[kind].split()
    assert {name: region_type(name) for name in names} == dict.fromkeys(names, kind)
    assert {region_type(name.upper().replace("_", " ")) for name in names} == {kind}


def test_unknown_labels_are_text() -> None:
    """What nobody has told us of is read as text: nothing is lost."""
    assert region_type("marginalia of a monk") == region_type("") == region_type("文本") == "text"


def test_page_numbers_are_where_they_stand() -> None:
    """A page number at the top belongs to the header, one at the bottom to the footer."""
    top = Detection(Box(500, 10, 520, 20), 0.9, "number")
    bottom = Detection(Box(500, 780, 520, 790), 0.9, "number")
    assert kinds([bottom, top]) == ["header", "footer"]


def found(*seen: Detection, ordered: bool = False) -> list[Region]:
    return list(regions_from(seen, width=600, height=800, ordered=ordered))


def kinds(seen: list[Detection]) -> list[str]:
    return [region.type for region in found(*seen)]


def boxes(*seen: Detection) -> list[Box]:
    return [region.box for region in found(*seen)]


def text(*box: float, score: float = 0.9, label: str = "text") -> Detection:
    return Detection(Box(*box), score, label)


def test_the_surest_of_several_sights_of_a_thing_stays() -> None:
    """Two boxes over one place are one region, whatever the labels: a place is read once."""
    sure = text(50, 50, 300, 100, score=0.8, label="title")
    unsure = text(52, 48, 305, 103, score=0.6)
    assert found(unsure, sure) == [Region(box=sure.box, type="title")]


def test_neighbours_that_touch_both_stay() -> None:
    """Boxes that share an edge, or a few pixels, are two."""
    assert len(found(text(50, 50, 300, 102), text(50, 98, 300, 150))) == 2


def test_what_a_table_holds_is_read_with_it() -> None:
    """Text in a table, a figure or a formula is no region of its own, however sure."""
    for label in ("table", "figure", "formula"):
        whole = text(50, 100, 550, 400, score=0.6, label=label)
        cells = [text(60 + x, 110, 200 + x, 390, score=0.95) for x in (0, 150, 300)]
        assert boxes(whole, *cells) == [whole.box]


def test_a_part_of_a_paragraph_is_no_second_one() -> None:
    """A line that was found again within its paragraph goes."""
    whole = text(50, 100, 550, 200)
    assert boxes(whole, text(50, 100, 550, 120, score=0.99), text(300, 150, 400, 165)) == [
        whole.box
    ]


def test_a_wrapper_gives_way_to_what_it_wraps() -> None:
    """An unsure box around two columns must not make them one."""
    left, right = text(50, 100, 290, 700), text(310, 100, 550, 700)
    assert boxes(text(50, 100, 550, 700, score=0.55), left, right) == [left.box, right.box]


def test_a_background_picture_hides_nothing() -> None:
    """A picture behind the whole page goes when text is on it, else it is the page."""
    background = text(0, 0, 600, 800, score=0.99, label="Picture")
    paragraph = text(50, 100, 550, 200)
    assert boxes(background, paragraph) == [paragraph.box]
    caption = text(50, 700, 550, 720, label="Caption")
    number = text(290, 770, 310, 780, label="Page-footer")
    for seen in ((background,), (background, caption, number)):
        assert found(*seen) == [Region(box=background.box, type="figure")]


def test_boxes_are_clipped_to_the_picture() -> None:
    """What reaches over the edge is cut there; what lies outside, or is no box, is left out."""
    assert boxes(text(-20, -5, 700, 100)) == [Box(0, 0, 600, 100)]
    assert boxes(text(700, 10, 800, 100), text(50, 50, 50.5, 90), text(90, 90, 10, 10)) == []
    assert boxes(text(math.nan, 0, 10, 10), text(0, 0, math.inf, 10)) == []
    assert boxes(text(0, 0, 9, 9, score=math.nan)) == []


def test_headers_come_first_and_footers_last() -> None:
    """Also where a header stands beside the top of a column; the columns in between, in order."""
    head = text(310, 95, 550, 115, label="Page-header")
    foot = text(50, 690, 290, 705, label="Page-footer")
    left = [text(50, 100 + y, 290, 180 + y) for y in (0, 100)]
    right = [text(310, 120 + y, 550, 200 + y) for y in (0, 400)]
    assert boxes(foot, *right, *left, head) == [seen.box for seen in (head, *left, *right, foot)]


def test_an_order_that_the_detector_gives_is_kept() -> None:
    """PP-DocLayout ranks what it sees: that rank is better than a guess from boxes."""
    seen = [text(50, y, 550, y + 40, score=0.5 + y / 1000) for y in (300, 100, 200)]
    assert [r.box for r in found(*seen, ordered=True)] == [one.box for one in seen]


def test_a_page_has_a_limit() -> None:
    """Of a thousand boxes the surest are kept, and the comparison of all with all is bounded."""
    seen = [
        text(x * 6, y * 8, x * 6 + 5, y * 8 + 7, score=0.5 + (x * 40 + y) / 10000)
        for x in range(40)
        for y in range(40)
    ]
    regions = found(*seen)
    assert len(regions) == MAX_REGIONS
    surest = sorted(seen, key=lambda one: -one.score)[:MAX_REGIONS]
    assert {region.box for region in regions} == {one.box for one in surest}


def test_the_same_sights_give_the_same_regions() -> None:
    """Regions apart from each other don't depend on the sequence in which they were seen."""
    seen = [text(50, y, 550, y + 40, score=0.7) for y in range(50, 750, 50)]
    assert found(*seen) == found(*reversed(seen))
