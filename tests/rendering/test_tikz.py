"""TikZ pictures and whole documents, by a TeX engine where there is one."""

# ruff: noqa: RUF001  # full-width signs are meant
from __future__ import annotations

import importlib
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from got_loaders.rendering.tex import TexEngine, choice
from got_loaders.rendering.tex.log import log_reason
from got_loaders.rendering.tikz import latex_document, tikz
from tests.rendering.tex import document, needs_landlock, needs_pdflatex

pymupdf: Any = importlib.import_module("pymupdf")  # it has no types

PICTURE = r"""\begin{tikzpicture}
\draw[->,thick] (0,0) -- (2,0) node[right] {$x$};
\draw[red] (0,0) circle (1);
\foreach \x in {1,2} { \fill[blue] (\x,1) rectangle (\x.5,1.5); }
\node at (1,-1) {Figure};
\end{tikzpicture}"""


def drawn(pdf: bytes) -> tuple[list[Any], list[str]]:
    """The paths of a page, moved to their own corner, and its words."""
    with pymupdf.open(stream=pdf, filetype="pdf") as opened:
        page = opened[0]
        paths = page.get_drawings()
        words = [word[4] for word in page.get_text("words")]
    left = min(path["rect"].x0 for path in paths)
    top = min(path["rect"].y0 for path in paths)
    moved = [
        (path["type"], path["color"], path["fill"], path["width"], round(path["rect"].x0 - left, 2),
         round(path["rect"].y0 - top, 2), round(path["rect"].width, 2), len(path["items"]))
        for path in paths
    ]  # fmt: skip
    return moved, words


@needs_pdflatex
def test_a_picture_is_what_tex_draws(tmp_path: Path) -> None:
    """Paths, colors and words are those of pdfLaTeX itself; the page is as large as the picture."""
    plain = document(PICTURE, "\\usepackage{tikz}\\pagestyle{empty}")
    (tmp_path / "a.tex").write_text(plain)
    subprocess.run(
        ["pdflatex", "-no-shell-escape", "-interaction=batchmode", "a.tex"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    rendered = tikz(PICTURE.replace(",", "，").replace("};\n\\draw[red]", "}\n\\draw[red]"))
    assert rendered.reason is None
    assert rendered.pdf is not None
    assert drawn(rendered.pdf) == drawn((tmp_path / "a.pdf").read_bytes())
    (svg,) = rendered.svgs
    width = re.search(r'width="([\d.]+)"', svg)
    assert width is not None
    assert 130 < float(width[1]) < 145  # 98 to 108 points in pixels
    assert svg.count("<path") >= 4
    assert 'alt="Drawing"' in rendered.html


@needs_pdflatex
@needs_landlock
def test_each_picture_has_its_page_and_bad_ones_their_reason() -> None:
    """Two pictures of a text, with its settings; a command that TeX does not know is named."""
    settings = r"\tikzset{every path/.style={line width=3pt}} \usetikzlibrary{mindmap}"
    both = tikz(f"A {settings} {PICTURE} and {PICTURE}")
    assert len(both.svgs) == 2
    assert "2.98" in both.svgs[0]  # 3 of TeX's points are 2.989 of PDF's
    bad = tikz(PICTURE.replace("\\fill", "\\fll"))
    assert bad.reason == r"TeX: Undefined control sequence. \fll"
    assert bad.svgs == ()
    assert "<pre><code>" in bad.html


@needs_pdflatex
@needs_landlock
def test_a_document_is_typeset_with_its_references() -> None:
    """All pages are there, references are right, and an end that is missing is put there."""
    body = r"\usepackage[T1]{fontenc}\begin{document}On \pageref{b}.\newpage\label{b}Two"
    rendered = latex_document(rf"\documentclass{{article}}{body}")
    assert rendered.reason is None
    assert len(rendered.svgs) == 2
    assert rendered.pdf is not None
    with pymupdf.open(stream=rendered.pdf, filetype="pdf") as pdf:
        assert "On 2." in pdf[0].get_text()
    assert rendered.html.count("<img ") == 2


@needs_pdflatex
def test_a_reading_becomes_a_document() -> None:
    """The model's mark-up is typeset, too; what is not allowed in it shows its name."""
    rendered = latex_document("\\title{A}\nSum \\(x^2\\) \\input{/etc/passwd}\n")
    assert rendered.reason is None
    assert rendered.pdf is not None
    with pymupdf.open(stream=rendered.pdf, filetype="pdf") as pdf:
        assert "Sum" in pdf[0].get_text()


@needs_pdflatex
@needs_landlock
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (document("\\foo"), r"line 4: Undefined control sequence. \foo"),
        (document("x", "\\usepackage{nosuchpackage}"), "File `nosuchpackage.sty' not found"),
        (document(""), "no page"),
        (document(r"\loop\newpage x\iftrue\repeat".replace("\\iftrue", "\\ifnum\\value{page}<60")),
         "60 pages"),
        ("\\documentclass{article}", "it has no \\begin{document}"),
    ],
)  # fmt: skip
def test_a_document_with_a_mistake_says_where(text: str, reason: str) -> None:
    """TeX's first error is the reason, in one line."""
    rendered = latex_document(text)
    assert rendered.reason is not None
    assert reason in rendered.reason
    assert "\n" not in rendered.reason


def test_where_there_is_no_engine_the_reason_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without TeX shows the source, and what would be needed."""
    monkeypatch.setattr(choice, "find_engine", lambda _: None)
    for rendered in (tikz(PICTURE), latex_document("text")):
        assert rendered.reason is not None
        assert "pdflatex" in rendered.reason
        assert "<pre><code>" in rendered.html


def test_what_holds_nothing_to_draw_is_refused_at_once() -> None:
    """No engine is started for text without a picture, for nothing, and for a whole book."""
    for rendered, reason in (
        (tikz("text"), "no TikZ picture"),
        (latex_document(" "), "nothing in it"),
        (tikz("x" * 300_001), "longer than 300,000 characters"),
        (latex_document("x" * 300_001), "longer than 300,000 characters"),
    ):
        assert rendered.reason is not None
        assert reason in rendered.reason


def test_where_tex_can_read_anything_only_drawings_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without Landlock no text is run that could do more than draw."""
    monkeypatch.setattr(choice, "can_confine", lambda: False)
    monkeypatch.setattr(choice, "find_engine", lambda name: TexEngine(name, name, ()))
    assert choice.choose_engine(document("x"), harmless=False) is None
    chosen = choice.choose_engine("点", harmless=True)
    assert chosen is not None
    assert chosen.name == "pdflatex"
    for text in (r"\tikzset{a/.style={draw}}" + PICTURE, document("x")):
        reason = tikz(text).reason
        assert reason is not None
        assert "Landlock" in reason


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (
            "! Undefined control sequence.\nl.3 a \\foo\n   b",
            "TeX: Undefined control sequence. \\foo",
        ),
        ("./page.tex:7: Missing $ inserted.\n<x>\nl.7 a_", "TeX: line 7: Missing $ inserted."),
        ("/usr/a/b.sty:12: Fatal Package b Error: no\n", "TeX: Fatal Package b Error: no"),
        ("page.tex:9:  ==> Fatal error occurred\n! Emergency stop.\n", None),
        ("", None),
    ],
)
def test_the_first_error_of_a_log_is_the_reason(log: str, reason: str | None) -> None:
    """No path of the machine is in it."""
    assert log_reason(log) == reason
