"""TikZ as the model writes it, put right."""

# ruff: noqa: RUF001  # full-width signs are meant
from __future__ import annotations

import pytest

from got_loaders.rendering.tikz_source import find_pictures, find_settings, repair_picture

PICTURE = r"""\begin{tikzpicture}[scale=2]
\draw[->] (0,0) -- (1,1) node[right] {$A$}; % to A;
\foreach \x in {1,2} { \draw (\x,0) -- (\x,1); }
\begin{scope}[red]
\fill (0,0) circle (1pt);
\end{scope}
\end{tikzpicture}"""
WIDE = str.maketrans({",": "，", "(": "（", ")": "）", ";": "；", "=": "＝"})

DAMAGE = {
    "nothing": (PICTURE, PICTURE),
    "semicolons": (PICTURE.replace("A;", "A:").replace(";", ""), PICTURE.replace("A;", "A:")),
    "full-width signs": (PICTURE.translate(WIDE), PICTURE),
    "no end": (PICTURE.replace("\n\\end{tikzpicture}", ""), PICTURE),
    "scope not ended": (
        PICTURE.replace("\\end{scope}\n", ""),
        PICTURE.replace("\\end{scope}\n", "\\end{scope}"),
    ),
    "cut in a path": (
        PICTURE[: PICTURE.index("circle")],
        PICTURE[: PICTURE.index("[red]")] + "\n\\end{scope}\n\\end{tikzpicture}",
    ),
    "cut in a loop": (
        PICTURE[: PICTURE.index("-- (\\x")],
        PICTURE[: PICTURE.index(" % to")] + "\n\\end{tikzpicture}",
    ),
    "stray ends": (PICTURE.replace("circle (1pt);", "circle (1pt);}\\end{a}"), PICTURE),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_with_one_meaning_is_put_right(name: str) -> None:
    """Signs, semicolons and ends are as they were meant; a path that is cut off is left out."""
    damaged, meant = DAMAGE[name]
    assert repair_picture(damaged) == meant


def test_lines_without_a_semicolon_keep_their_last_sign() -> None:
    """A path may go over lines, and its lines end as they like."""
    text = "\\begin{tikzpicture}\n\\draw (0,0)\n  -- (1,1)\n  node {A，B};\n\\end{tikzpicture}"
    assert repair_picture(text) == text.replace("，", ",")


def test_labels_keep_the_signs_of_their_script() -> None:
    """In a label in Chinese a full-width comma is one; beside it, it is TikZ's."""
    text = "\\begin{tikzpicture}\\node at (0，1) {点，线；面}；\\end{tikzpicture}"
    assert "{点，线；面};" in repair_picture(text)
    assert "(0,1)" in repair_picture(text)


def test_all_pictures_and_their_settings_are_found() -> None:
    """Text between pictures is left out; libraries, styles and colors are not."""
    settings = [
        r"\usetikzlibrary{mindmap}",
        r"\tikzset{a/.style={draw={red}}}",
        r"\definecolor{b}{RGB}{1,2,3}",
        r"\newcommand{\c}[1]{\draw (#1);}",
    ]
    text = f"One {settings[0]} {settings[1]}\n{PICTURE}\ntwo {settings[2]}{settings[3]} {PICTURE}"
    assert find_pictures(text) == [PICTURE, PICTURE]
    assert find_settings(text) == settings
    assert find_pictures(r"\draw (0,0) -- (1,1)")[0].count("\\end{tikzpicture}") == 1


@pytest.mark.parametrize("text", ["", "text", r"\begin{tikzpicture}", r"\begin{tikzpicture}[x"])
def test_where_nothing_is_drawn_there_is_no_picture(text: str) -> None:
    """A picture that was cut off before its first path is none."""
    assert find_pictures(text) == []


def test_time_grows_with_the_length_alone() -> None:
    """A hundred thousand paths without an end are no trap."""
    for piece in ("\\draw (0,0)\n", "\\foreach \\x in {", "{", "}", "\\begin{a}", "\\end{a}", "%"):
        repair_picture("\\begin{tikzpicture}" + piece * 20_000)
    for piece in ("\\tikzset{", "\\definecolor[a]", PICTURE[:19] + PICTURE[-17:] + "\\tikzset{}"):
        find_settings(piece * 10_000)
