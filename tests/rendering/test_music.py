"""Sheet music as the model writes it, engraved."""

from __future__ import annotations

import pytest

from got_loaders.rendering.kern import KernError, repair_score
from got_loaders.rendering.music import music
from tests.rendering.drawn import SCORE, elements, hrefs

verovio = pytest.importorskip("verovio", reason="the extra render is not installed")


def engraved(score: str) -> list[str]:
    """What verovio itself makes of a score, with the options of the library."""
    from got_loaders.rendering.worker.scores import OPTIONS

    toolkit = verovio.toolkit()
    toolkit.setOptions(OPTIONS)
    toolkit.resetXmlIdSeed(1)
    assert toolkit.loadData(score)
    return [toolkit.renderToSVG(page + 1) for page in range(toolkit.getPageCount())]


LONG = "**kern\n*clefG2\n" + "4c\n4d\n4e\n4f\n=\n" * 200 + "*-\n"
WORDS = "!!!OMD: Allegro [quarter]=120\n**kern\t**text\n4c\tLa\n4d\t<script>&x\n*-\t*-\n"


@pytest.mark.parametrize("score", [SCORE, LONG, WORDS], ids=["chords", "pages", "words"])
def test_a_score_is_what_verovio_draws(score: str) -> None:
    """Every element, glyph and text of every page is verovio's own."""
    rendered = music(score)
    own = engraved(score)
    assert rendered.reason is None
    assert len(rendered.svgs) == len(own) >= 1 + (score is LONG)
    for mine, theirs in zip(rendered.svgs, own, strict=True):
        style = "{http://www.w3.org/2000/svg}style"
        assert [e for e in elements(mine) if e[0] != style] == [
            e for e in elements(theirs) if e[0] != style
        ]
        assert all(href.startswith("#") for href in hrefs(mine))
        assert ("@font-face" in mine) == ("@font-face" in theirs) == (score is WORDS)
    assert rendered.html.count("<img ") == len(own)
    assert "script>&x" not in rendered.html


DAMAGE = {
    "no end": (SCORE.replace("*-\t*-\n", ""), SCORE),
    "spaces": (SCORE.replace("4D 4F", "4D").replace("\t", " "), SCORE.replace("4D 4F", "4D")),
    "wide spaces": (SCORE.replace("\t", "    "), SCORE),
    "doubled tabs": (SCORE.replace("\t", "\t\t"), SCORE),
    "windows": (SCORE.replace("\n", "\r\n"), SCORE),
    "one barline": (SCORE.replace("=2\t=2", "=2"), SCORE),
    "one end": (SCORE.replace("*-\t*-", "*-"), SCORE),
    "empty field": (SCORE.replace("4E\t4e", "4E\t"), SCORE.replace("4E\t4e", "4E\t.")),
    "cut off": (
        SCORE[: SCORE.index("4E\t4e") + 2],
        SCORE[: SCORE.index("4E\t4e")] + "*-\t*-\n",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_with_one_meaning_is_repaired(name: str) -> None:
    """Spaces for tabs, barlines of another number, and an end that is missing are put right."""
    damaged, meant = DAMAGE[name]
    assert repair_score(damaged) == meant


def test_spines_that_split_and_join_are_followed() -> None:
    """A line has as many fields as spines are there by then, and a chord may have spaces."""
    joined = "**kern\n*^\n4c\t4e\n*v\t*v\n4c 4e\n"
    assert repair_score(joined) == joined + "*-\n"
    with pytest.raises(KernError, match="line 3 has 3 fields, but 2 spines go on there"):
        repair_score("**kern\n*^\n4c\t4e\t4g\n4c\n")


REFUSED = {
    "a field too few": (SCORE.replace("4E\t4e", "4E"), "line 7 has 1 field, but 2 spines"),
    "a field too many": (SCORE.replace("4E\t4e", "4E\t4e\t4g"), "line 7 has 3 fields"),
    "no spine": ("hello", r"no line of it names a spine"),
    "no note": ("**kern\n*clefG2\n*-\n", "no note"),
    "joined alone": ("**kern\n4c\n*v\n4c\n*-\n", "line 3 joins a spine"),
    "mixed": (SCORE.replace("4E\t4e", "4E\t*-"), "line 7 has notes beside interpretations"),
    "named again": (SCORE.replace("4E\t4e", "**kern\t**kern"), "line 7 names spines"),
    "spines without end": ("**kern\n" + "*^\n" * 9, "line 3 has 1 field"),
    "dots without end": (f"**kern\n4c\n4{'.' * 50}c\n*-\n", "line 3 has a note with more dots"),
    "too long": ("**kern\n" + "4c\n" * 200_000, "longer than"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_score_without_sense_is_refused(name: str) -> None:
    """The reason names the line, and the source is shown."""
    score, reason = REFUSED[name]
    rendered = music(score)
    assert rendered.svgs == ()
    assert rendered.reason is not None
    assert reason in rendered.reason
    assert "<pre><code>" in rendered.html


def test_all_scores_of_a_text_are_drawn() -> None:
    """Words around them and a fence of Markdown don't matter."""
    rendered = music(f"A song\n\n{SCORE}\nAnother\n```kern\n{SCORE}```\n")
    assert len(rendered.svgs) == 2
    assert rendered.svgs[0] == rendered.svgs[1]
    assert 'alt="Sheet music, 2 of 2"' in rendered.html
