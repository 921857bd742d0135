"""What ``got_loaders.render`` makes of a text of any kind."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import got_loaders
from got_loaders.errors import OptionError
from got_loaders.rendering.dispatch import recognize


def test_render_stays_a_function_whatever_is_imported() -> None:
    """No module of the library takes the place of the public name, in whichever order."""
    from got_loaders import render

    importlib.import_module("got_loaders.rendering.dispatch")
    assert got_loaders.render is render
    assert got_loaders.render("A").html == "<p>A</p>"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Some text", "text"),
        ('{"a": 1}', "chart"),
        ("C1=CC=CC=C1", "smiles"),
        ("<smiles>CCO</smiles>", "smiles"),
        ("**kern\n4c\n*-", "music"),
        ("A score:\n**kern\n4c\n*-\nand words", "text"),
        (r"\begin{tikzpicture}\draw (0,0)--(1,1);\end{tikzpicture}", "tikz"),
        (r"Words \begin{tikzpicture}\draw (0,0)--(1,1);\end{tikzpicture}", "text"),
        ("% a paper\n\\documentclass{article}", "latex"),
        (r"The command \documentclass{article}", "text"),
        ("\\begin{tikzpicture}\n\\draw (0,0) -- (2,1)\n\\fill (0,0) circle (1)\uff1b", "tikz"),
        ("See \\begin{tikzpicture}\\draw (0,0) -- (2,1)\\end{tikzpicture}", "text"),
    ],
)
def test_a_kind_is_recognized(text: str, kind: str) -> None:
    """By what stands in the text; what has words beside its notation is a page."""
    assert recognize(text) == kind


def test_an_unknown_kind_is_refused() -> None:
    """The error names those that there are."""
    with pytest.raises(OptionError, match=r"kind must be one of text, .*, not 'abc'"):
        got_loaders.render("A", "abc")  # type: ignore[arg-type]  # as a user may
    with pytest.raises(OptionError, match="text must be a string, not bytes"):
        got_loaders.render(b"A")  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize("text", ["$$x$$", r"\(x\)", " $x$ ", r"\[x\]", "x"])
def test_a_formula_may_have_its_delimiters(text: str) -> None:
    """The formula is the same with them and without."""
    assert "<mi>x</mi></mrow><annotation" in got_loaders.render(text, "formula").html


def test_notation_in_a_page_is_drawn_where_it_stands() -> None:
    """A chart in a fence is a picture with its source; other JSON stays code."""
    shown = got_loaders.render(
        'Before\n\n```json\n{"a": 1, "b": 2}\n```\n\nAfter\n\n```json\n{"key": "word"}\n```',
        "markdown",
    ).html
    before, picture, after = re.split(r'(<img src="data:image/svg\+xml;base64,[^>]*>)', shown)
    assert "Before" in before
    assert 'width="640"' in picture
    assert 'alt="Chart"' in picture
    assert "<details><summary>Source</summary>" in after
    assert '<code class="language-json">{&quot;key&quot;' in after


def test_a_molecule_in_a_line_is_drawn_there() -> None:
    """Its SMILES stays beside it, so that it can be found and copied."""
    pytest.importorskip("rdkit")
    shown = got_loaders.render("Ethanol <smiles>CCO</smiles> here").html
    assert re.search(r'Ethanol <span class="notation smiles"><img [^>]*> <code>CCO</code>', shown)


def test_it_saves_itself_as_the_suffix_says(tmp_path: Path) -> None:
    """A page that runs nothing, or a picture; other suffixes are refused, and nothing is left."""
    made = got_loaders.render('{"a": 1, "b": 2}')
    assert made.save(tmp_path / "a.svg") == (tmp_path / "a.svg",)
    assert (tmp_path / "a.svg").read_text("utf-8") == made.svgs[0]
    made.save(tmp_path / "<a>.html")
    page = (tmp_path / "<a>.html").read_text("utf-8")
    assert "<title>&lt;a&gt;</title>" in page
    assert "Content-Security-Policy\" content=\"default-src 'none';" in page
    assert made.html in page
    for name in ("a.pdf", "a.txt", "a"):
        with pytest.raises(OptionError):
            made.save(tmp_path / name)
    assert len(list(tmp_path.iterdir())) == 2
    with pytest.raises(FileNotFoundError) as caught:
        made.save(tmp_path / "none" / "a.svg")
    assert caught.value.filename == str(tmp_path / "none" / "a.svg")


def test_several_pictures_are_several_files(tmp_path: Path) -> None:
    """The first has the name that was asked for, the others a number behind it."""
    made = got_loaders.Rendered(kind="music", source="", html="", svgs=("<svg/>", "<svg />"))
    names = [path.name for path in made.save(tmp_path / "score.svg")]
    assert names == ["score.svg", "score-2.svg"]
