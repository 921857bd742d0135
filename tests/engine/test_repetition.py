"""Loops are caught and cut where they begin; tables of equal rows and the like are no loops."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import GotOcr2ForConditionalGeneration

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.repetition.detector import (
    CHECK_EVERY,
    NEAR_CHECK_EVERY,
    may_loop,
    tokens_to_keep,
)
from got_loaders.types import OcrRequest
from tests.engine.checkpoints import save_random_checkpoint
from tests.engine.pictures import page
from tests.engine.reference import Reference

INTRO = "Minutes of the meeting\nThose present agreed on what follows.\n"
PARAGRAPH = (
    "The committee met in the small garden house and spoke of the bridge, which has been closed "
    "since May, and of the river, which was high. It was decided that the old bridge be repaired "
    "before winter, that a notice be put up at both ends, and that the library open on Mondays. "
)
ROW = "\\hline 4 & wheel & 27.50 & in stock & yes \\\\\n"


class Words:
    """A tokenizer: words with the space before them, digits, and single other characters."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._ids: dict[str, int] = {}

    def encode(self, text: str) -> list[int]:
        ids = []
        for piece in re.findall(r" ?[A-Za-z]+|.|\n", text):
            if piece not in self._ids:
                self._ids[piece] = len(self.pieces)
                self.pieces.append(piece)
            ids.append(self._ids[piece])
        return ids

    def decode(self, ids: list[int]) -> str:
        return "".join(self.pieces[number] for number in ids)


def caught(
    ids: list[int], decode: Callable[[list[int]], str], *, tiles: int = 1
) -> tuple[int, str] | None:
    """Write ``ids`` one by one and look as the engine does: when a loop is found, what is kept."""
    for count in range(CHECK_EVERY, len(ids) + 1, CHECK_EVERY):
        if may_loop(np.array(ids[:count], np.int32)):
            near = count % NEAR_CHECK_EVERY == 0
            kept = tokens_to_keep(tuple(ids[:count]), decode, tiles=tiles, near=near)
            if kept is not None:
                return count, decode(ids[:kept])
    return None


def found(text: str, *, tiles: int = 1) -> tuple[int, str] | None:
    words = Words()
    return caught(words.encode(text), words.decode, tiles=tiles)


@pytest.mark.parametrize(
    ("period", "tokens"),
    [
        (".", 900),
        (" la", 400),
        (" 0 &", 900),
        ("c|", 900),
        (r" \quad", 1300),
        (" the river was high in May,", 400),
        ("yes\n", 900),
        ("The river was high in May.\n", 1700),
        (ROW, 2500),
        ("0 & 1 \\\\ ", 1000),
        (PARAGRAPH, 900),
        (PARAGRAPH.replace(", ", ",\n").rstrip() + "\n", 900),
        (PARAGRAPH + "\n", 900),
        (PARAGRAPH * 2 + "\n" + PARAGRAPH[:200] + "\n", 1800),
        ("\n", 700),
        ("_", 900),
        ("{}", 900),
        (r"\( \frac { a } { b } \) ", 1600),
    ],
)
def test_a_loop_is_caught_and_cut(period: str, tokens: int) -> None:
    """Of whatever period: one round is kept, and it is caught well before 4096 tokens."""
    outcome = found(INTRO + period * (5000 // len(period) + 60))
    assert outcome is not None
    count, kept = outcome
    assert count <= tokens
    assert kept.rstrip() == (INTRO + period).rstrip()


def test_a_loop_of_a_whole_page_is_caught() -> None:
    """A page that is read again and again: the period may be hundreds of tokens."""
    rng = random.Random(4)
    words = [f"{a}{b}" for a in ("ba", "do", "ri", "mu", "se") for b in ("n", "la", "tor", "vex")]
    lines = [" ".join(rng.choice(words) for _ in range(9)) for _ in range(40)]
    page = "\n".join(lines) + "\n"
    outcome = found(INTRO + page * 10)
    assert outcome is not None
    count, kept = outcome
    assert kept == INTRO + page
    assert count < 1500


def test_a_loop_may_begin_at_once() -> None:
    """Where nothing stood before it, its first round is what is kept."""
    assert found("...." * 300) == (832, ".")
    outcome = found(ROW * 200)
    assert outcome is not None
    assert outcome[1] == ROW


@pytest.mark.parametrize(
    "line",
    [
        "{}. the river was high\n",
        "Figure {}: the old bridge, seen from the north\n",
        "x_{{{}}} & {} \\\\\n",
    ],
)
def test_a_loop_that_counts_is_caught(line: str) -> None:
    """Lines that differ in their numbers only: nothing on a page has so many."""
    text = INTRO + "".join(line.format(n, n) for n in range(1, 500))
    outcome = found(text)
    assert outcome is not None
    assert outcome[0] < 3300
    assert outcome[1].rstrip() == (INTRO + line.format(1, 1)).rstrip()


def test_a_loop_that_varies_is_caught() -> None:
    """The same few sentences in any order, for more than a page."""
    rng = random.Random(1)
    sentences = [f"{part.strip()}.\n" for part in PARAGRAPH.split(",")]
    rounds = "".join(rng.choice(sentences) for _ in range(400))
    outcome = found(INTRO + rounds)
    assert outcome is not None
    count, kept = outcome
    assert count < 3000
    assert (INTRO + rounds).startswith(kept)
    assert kept.endswith("\n")
    assert len(kept) < 2500
    assert all(sentence in kept for sentence in sentences)


def test_a_changed_word_in_each_round_does_not_hide_a_loop() -> None:
    """A long paragraph that comes again with one other word in it."""
    rng = random.Random(2)
    rounds = [PARAGRAPH.replace("river", rng.choice("abcdefgh") * 3) + "\n" for _ in range(80)]
    outcome = found(INTRO + "".join(rounds))
    assert outcome is not None
    assert outcome[0] < 3300


CELLS = " & ".join(["0"] * 30)
BOARD = random.Random(3)
LEGITIMATE = {
    "60 equal rows": INTRO + ROW * 60 + "\\end{tabular}\n",
    "80 equal rows": INTRO + ROW * 80 + "\\end{tabular}\n",
    "80 equal lines": INTRO + "wheel 4 27.50 in stock, to be ordered by the end of the year\n" * 80,
    "30 columns, 40 equal rows": INTRO + f"{CELLS} \\\\\n" * 40,
    "30 columns, 40 empty rows": INTRO + ("& " * 29 + "\\\\ \\hline\n") * 40,
    "a row of 60 cells": "0 & " * 60 + "\\\\\n",
    "wide cells": r"\multicolumn{1}{c|}{\( \checkmark \)} & " * 40 + "\\\\\n",
    "contents": "".join(
        f"{n}. {PARAGRAPH[n : n + 9 + n % 20]} {'.' * 100} {n * 3}\n" for n in range(1, 41)
    ),
    "dotted lines to write on": ("Name " + "." * 90 + "\n" + "." * 95 + "\n") * 20,
    "a long dotted line": "." * 300,
    "zeros and ones": "".join(
        " & ".join(BOARD.choice("01") for _ in range(30)) + " \\\\\n" for _ in range(40)
    ),
    "a chess-board": ("1 & 0 & 1 & 0 & 1 & 0 & 1 & 0 \\\\\n0 & 1 & 0 & 1 & 0 & 1 & 0 & 1 \\\\\n")
    * 20,
    "mostly zeros": "".join(
        " & ".join("7" if BOARD.random() < 0.02 else "0" for _ in range(20)) + " \\\\\n"
        for _ in range(60)
    ),
    "numbers": "".join(
        " & ".join(f"{BOARD.uniform(0, 99):.1f}" for _ in range(8)) + " \\\\\n" for _ in range(70)
    ),
    "a table of logarithms": "".join(
        f"{n} " + " ".join(f"{BOARD.randrange(10**4):04}" for _ in range(10)) + "\n"
        for n in range(100, 210)
    ),
    "a numbered table": "".join(f"{n} & open & yes \\\\\n" for n in range(1, 81)),
    "a poem": "".join(
        f"{' '.join(BOARD.sample(PARAGRAPH.split(), 6))}\n" * 2 + "And the river ran on.\n" * 2
        for _ in range(12)
    ),
    "a form, six times": INTRO + ("Name: ____\nStreet: ____\n" + PARAGRAPH * 2 + "\n") * 6,
    "a sheet of labels": "Anna Miller\n12 Garden Road\nOldtown 40213\n\n" * 30,
    "boxes to tick": "☐ yes ☐ no\n" * 80,
    "kern": "**kern\t**kern\n" + ("8c\t4e\n8g\t.\n" * 8 + "=\t=\n") * 14,
    "kern with bar numbers": "".join(
        f"={n}\t={n}\n" + "4c\t4e\n4r\t4r\n" * 4 for n in range(1, 33)
    ),
    "tikz": "".join(f"\\draw ({n},0) -- ({n},9);\n\\draw (0,{n}) -- (9,{n});\n" for n in range(80)),
    "a polymer": "C(C)" * 120,
    "chart data": "'values': [" + ", ".join(str(n % 9) for n in range(150)) + "]",
}


@pytest.mark.parametrize("text", LEGITIMATE.values(), ids=LEGITIMATE)
def test_what_a_page_can_show_is_no_loop(text: str) -> None:
    """Equal rows, dot leaders, rows of equal cells and the like are kept as they are."""
    words = Words()
    ids = words.encode(text)
    assert caught(ids, words.decode) is None
    assert tokens_to_keep(tuple(ids), words.decode) is None


@pytest.mark.parametrize("tiles", [1, 5])
def test_more_tiles_show_more(tiles: int) -> None:
    """A page in several tiles, or several pages, may have more equal rows."""
    outcome = found(ROW * 130, tiles=tiles)
    assert (outcome is None) == (tiles > 1)


@pytest.mark.parametrize("text", ["河流水位很高。", "旧桥已关闭,", "é", "🙂"])
@pytest.mark.parametrize("before", ["", "第一章 引言 ", "a"])
def test_no_character_is_cut_in_two(text: str, before: str) -> None:
    """Where a character is several tokens, all of them are kept, or none."""

    def decode(ids: list[int]) -> str:
        return bytes(ids).decode("utf-8", errors="replace")

    outcome = caught(list((before + text * 1000).encode()), decode)
    assert outcome is not None
    assert "\ufffd" not in outcome[1]
    assert (before + text * 2).startswith(outcome[1])
    assert len(outcome[1]) >= len(before + text) - 1


def test_tokens_without_text_may_loop_too() -> None:
    """Special tokens, which are no text, are not written for ever."""
    assert caught([1, 2, 3] + [7] * 900, lambda ids: "") is not None


def test_ordinary_text_is_not_even_looked_at() -> None:
    """Text is decoded only where the tokens repeat themselves."""
    rng = random.Random(5)
    tokens = np.array([rng.randrange(3000) for _ in range(4096)], np.int32)
    assert not any(may_loop(tokens[:count]) for count in range(0, 4096, CHECK_EVERY))


@pytest.fixture(scope="module")
def circling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose next token depends on the last one only, and is never an end token.

    There are 512 tokens: sooner or later one comes back, and all that followed it.
    """
    folder = tmp_path_factory.mktemp("checkpoint") / "circling"
    save_random_checkpoint(folder)
    model = GotOcr2ForConditionalGeneration.from_pretrained(folder)
    with torch.no_grad():
        for layer in model.model.language_model.layers:
            layer.self_attn.o_proj.weight.zero_()
        model.lm_head.weight[[0, 1, 2]] = 0.0
    model.save_pretrained(folder)
    return folder


def test_the_engine_stops_only_those_who_asked(circling: Path) -> None:
    """Without stop_on_repetition the tokens are generate's; with it the loop is cut and marked."""
    request = OcrRequest(images=(page(1),), max_new_tokens=600)
    watched = replace(request, stop_on_repetition=True)
    with LocalEngine(EngineConfig(model=str(circling), device="cpu")) as engine:
        futures = [engine.submit(request), engine.submit(watched)]
        free, stopped = (future.result(300) for future in futures)
        assert engine.submit(watched).result(300) == stopped
        assert engine.alive
    assert free.finish_reason == "length"
    assert free.token_ids == Reference(circling).read(request)
    assert stopped.finish_reason == "repetition"
    assert stopped.num_tokens == len(stopped.token_ids) < 100
    assert len(set(stopped.token_ids)) > 0.9 * stopped.num_tokens
    assert set(free.token_ids) == set(stopped.token_ids)
    assert free.token_ids[: stopped.num_tokens] == stopped.token_ids
    assert free.text.startswith(stopped.text)
    assert "\ufffd" not in stopped.text[-1:]


@pytest.mark.parametrize("limit", [600, 255, 200, 64])
def test_a_loop_is_cut_where_it_would_be_without_drafts(circling: Path, limit: int) -> None:
    """Drafts write a loop by blocks, beyond the places where it is looked for: the cut, the reason
    and the confidence are those of writing it token by token."""
    request = OcrRequest(images=(page(1),), max_new_tokens=limit, stop_on_repetition=True)
    with LocalEngine(EngineConfig(model=str(circling), device="cpu")) as engine:
        whole = engine.submit(replace(request, stop_on_repetition=False, draft=False)).result(300)
        alone, own, given = (
            engine.submit(replace(request, draft=draft)).result(300)
            for draft in (False, None, whole.text)
        )
    assert alone.accepted_tokens == 0
    assert alone.finish_reason == ("repetition" if limit == 600 else "length")
    assert limit < 255 or own.accepted_tokens > 0
    for drafted in (own, given):
        assert drafted.token_ids == alone.token_ids
        assert (drafted.text, drafted.finish_reason) == (alone.text, alone.finish_reason)
        assert drafted.confidence == pytest.approx(alone.confidence, abs=1e-6)
