"""How texts name a figure whose picture is kept, and which caption is its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from got_loaders import OcrResult, PageInfo, PageResult
from got_loaders.results.captions import with_captions
from got_loaders.results.corrections import (
    Correction,
    Corrections,
    corrected_of,
    reading_digest,
)
from got_loaders.results.figures import embedded
from got_loaders.results.text_forms import reading_in, text_in
from got_loaders.types import Box, Figure, Region, RegionType

INFO = PageInfo(source="a.pdf", number=0, width=600, height=800)


def result(
    kind: RegionType, box: tuple[float, float, float, float], text: str = "", path: str = ""
) -> PageResult:
    """A region's, with a figure if it has a ``path``."""
    figure = Figure(path=path, file=f"/x/{path}", width=40, height=30, media_type="image/png")
    return PageResult(
        info=INFO,
        region=Region(box=Box(*box), type=kind),
        region_index=0,
        ocr=OcrResult(text=text) if text else None,
        figure=figure if path else None,
    )


def captioned(caption: str, path: str = "figures/a.png") -> PageResult:
    """A figure with this caption."""
    figure = result("figure", (100, 100, 400, 300), "labels", path)
    found = with_captions([figure, result("caption", (100, 310, 400, 330), caption)])
    return found[0]


def test_each_form_names_the_picture_in_its_own_way() -> None:
    """Before what was read in it; raw is what the model wrote, and nothing else."""
    figure = captioned("Fig. 1: Sales")
    assert figure.markdown == "![Fig. 1: Sales](figures/a.png)\n\nlabels"
    assert figure.html == (
        '<figure><img src="figures/a.png" alt="Fig. 1: Sales" width="40" height="30"></figure>'
        "\n\n<p>labels</p>"
    )
    assert figure.latex == (
        "\\begin{center}\n\\includegraphics[width=0.50\\linewidth,height=0.9\\textheight,"
        "keepaspectratio]{figures/a.png}\n\\end{center}\n\nlabels"
    )
    assert figure.text == "[Fig. 1: Sales]\n\nlabels"
    assert text_in(figure, "raw") == "labels"
    assert reading_in(figure, "markdown") == "labels"
    assert result("figure", (1, 1, 9, 9), path="a.png").text == "[figure]"


@pytest.mark.parametrize(
    "caption",
    [
        "a]( b) [c", r"back\slash \] and \\", "![x](y)", "<b>`code` *em* _em_ a_b", "&lt; &#91;",
        "[x]: y", '"quoted" > < \' end', "$5 | ~~6~~", "1. item", "# head",
        "](javascript:alert(1))",
    ],
)  # fmt: skip
def test_a_caption_breaks_no_image(caption: str) -> None:
    """Whatever was read there, Markdown shows one picture under that very name, no more."""
    plain = result("caption", (100, 310, 400, 330), caption)
    plain = PageResult(
        info=INFO, region=plain.region, region_index=1, ocr=plain.ocr, formatted=False
    )
    figure = with_captions([result("figure", (100, 100, 400, 300), path="figures/a.png"), plain])[0]
    (paragraph,) = (t for t in MarkdownIt().parse(figure.markdown) if t.type == "inline")
    (image,) = paragraph.children or []
    assert image.type == "image"
    assert image.attrs["src"] == "figures/a.png"
    assert "".join(t.content for t in image.children or []) == caption
    assert figure.html.count("<") == 3
    assert figure.html.count('"') == 8


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("my figures/a.png", "my%20figures/a.png"),
        ("a(b)/c.png", "a%28b%29/c.png"),
        ("x:y/c.png", "x%3Ay/c.png"),
        ("C:/docs/c.png", "C:/docs/c.png"),
        ('"><b>/c.png', "%22%3E%3Cb%3E/c.png"),
        ("50%/c?#.png", "50%25/c%3F%23.png"),
    ],
)
def test_a_path_is_a_url_in_markdown_and_html(path: str, url: str) -> None:
    """No folder's name ends a link, or begins another."""
    figure = captioned("", path)
    assert figure.markdown.startswith(f"![figure]({url})")
    assert f'src="{url}"' in figure.html


def test_latex_names_no_file_that_it_can_t_take() -> None:
    """The caption stands there instead."""
    assert captioned("50% & more", "a{b}/c.png").latex.startswith("[50\\% \\& more]\n\n")


def test_a_caption_belongs_to_what_is_nearest() -> None:
    """Above, below or beside it; not to a picture far away, nor where a table is nearer."""
    near = result("figure", (100, 100, 250, 300), path="a.png")
    beside = result("figure", (300, 100, 400, 302), path="b.png")
    far = result("figure", (100, 600, 400, 700), path="c.png")
    below = result("caption", (100, 310, 400, 330), "Both")
    table = result("table", (100, 500, 400, 560))
    of_table = result("caption", (100, 565, 400, 580), "Table 1")
    found = with_captions([near, beside, below, table, of_table, far])
    captions = [r.figure.caption for r in found if r.figure is not None]
    assert captions == ["Both", "Both", ""]
    margin = result("caption", (410, 600, 500, 640), "At\nits side")
    (figure, _) = with_captions([far, margin])
    assert figure.figure is not None
    assert figure.figure.caption == "At its side"
    assert with_captions([near]) == (near,)


def test_a_long_caption_is_shortened() -> None:
    """In the brackets; the caption itself stands below, as long as it is."""
    figure = captioned("word " * 200).figure
    assert figure is not None
    assert (len(figure.caption) <= 301, figure.caption[-1]) == (True, "…")


def test_a_result_can_carry_its_picture(tmp_path: Path) -> None:
    """As a data URL in its texts, as long as the file is there."""
    figure = captioned("Sales")
    assert embedded(figure) == figure
    assert figure.figure is not None
    (tmp_path / "a.png").write_bytes(b"PNG")
    there = replace(figure, figure=replace(figure.figure, file=str(tmp_path / "a.png")))
    assert embedded(there).markdown == "![Sales](data:image/png;base64,UE5H)\n\nlabels"
    assert embedded(there).latex == "[Sales]\n\nlabels"
    assert embedded(embedded(there)) == embedded(there)


@pytest.mark.parametrize("before", ["", "![Sales \\[EU\\]](elsewhere/a.png)\n\n", "![x](a.png)"])
def test_a_corrected_figure_is_named_once(before: str) -> None:
    """Whether whoever corrected its text left the image in it or not, and wherever it lay then."""
    figure = replace(captioned("Sales [EU]"), document_id="id")
    key = corrected_of(figure)
    assert key is not None
    correction = Correction(corrected=key, form="markdown", text=f"{before}right")
    (corrected,) = Corrections([correction]).apply([figure])
    assert corrected.origin == "corrected"
    assert corrected.markdown == "![Sales \\[EU\\]](figures/a.png)\n\nright"


@pytest.mark.parametrize("ids", [("id", "id"), ("one", "other")], ids=["page", "region"])
def test_a_figure_is_corrected_after_its_caption(ids: tuple[str, str]) -> None:
    """What a record told of it then had the new caption; so it is no other reading. A caption that
    was emptied is none."""
    figure = replace(captioned("Sales"), document_id=ids[0])
    below = replace(result("caption", (100, 310, 400, 330), "Sales"), region_index=1)
    page = [figure, replace(below, document_id=ids[1])]
    key = corrected_of(page[1])
    assert key is not None
    caption = Correction(corrected=key, form="markdown", text="Costs")
    kept = with_captions(Corrections([caption]).apply(page))[0]
    assert kept.markdown == "![Costs](figures/a.png)\n\nlabels"
    of_record = replace(key, id=ids[0], region=0, of="markdown")
    of_record = replace(of_record, digest=reading_digest(kept.markdown))
    own = Correction(corrected=of_record, form="markdown", text="right")
    found = with_captions(Corrections([own, caption]).apply(page))
    assert [each.origin for each in found] == ["corrected"] * 2
    assert found[0].markdown == "![Costs](figures/a.png)\n\nright"
    gone = replace(caption, text="")
    assert with_captions(Corrections([gone]).apply(page))[0].text == "[figure]\n\nlabels"
