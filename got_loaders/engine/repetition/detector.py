r"""Detects outputs that repeat themselves, and says how much of them to keep. numpy, no torch.

A page can show only so much: some 90 lines, in the square of pixels that the model sees. An output
whose end repeats itself is a loop once the repeated part would fill more than that; until then it
may be a table of equal rows, dot leaders, a refrain. There are three kinds:

1. an *exact* loop: the end of the tokens has a period, of any length;
2. a *counting* loop: the text has one, with every number read as 0: ``1. the 2. the 3. the``;
3. a *near* loop: for more than a page, hardly any n-gram of the tokens is new.

The tokens alone tell whether there is anything to look at (:func:`may_loop`); only then is text
needed, and a ``decode`` that makes it of token ids. Nothing here knows a tokenizer.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from got_loaders.engine.repetition.page_capacity import (
    LINE_END,
    PAGE_LINES,
    TABLE_RULE,
    count_lines,
    visible_text,
)

__all__ = ["CHECK_EVERY", "NEAR_CHECK_EVERY", "may_loop", "tokens_to_keep"]

Codes = npt.NDArray[np.integer]
Decode = Callable[[list[int]], str]

CHECK_EVERY = 64
NEAR_CHECK_EVERY = 256
"""Tokens between two checks; those for near loops cost more, as does waiting for them."""

MIN_RUN, MIN_REPEATS = 192, 3
"""A run of fewer codes, or with fewer repeats of its period, is not checked: it costs little."""
KEY = MIN_RUN - MIN_RUN // MIN_REPEATS
"""At least so many codes of such a run stood a period earlier too."""
NGRAM, MAX_NEW_NGRAMS = 8, 0.15
PAIRS, MAX_NEW_PAIRS = 768, 0.25
"""Of a near loop's n-grams at most this share is new. Pairs of tokens tell at little cost where
that can't be: in prose half of the last 768 are new."""

MAX_UNBROKEN = 800
"""Characters that repeat themselves in one line; dot leaders and rows of cells have fewer."""
BLOCK_CHARS, BLOCK_REPEATS = 250, 10
"""A block of so many characters stands on a form four or six times, not ten."""
COUNTING_SLACK = 1.5
"""Pages of lines that differ in their numbers: these may be data, in small type."""
MAX_INVISIBLE = 512  # tokens of nothing but spaces, line breaks, or braces

_SENTENCE_END = re.compile(r"[.!?;]\s|[。!?;]")


@dataclass(frozen=True, slots=True)
class RepeatedRun:
    """The end of a sequence, from ``start`` on: it repeats its first ``period`` codes."""

    start: int
    period: int
    length: int

    @property
    def repeats(self) -> float:
        """How often the period stands there."""
        return self.length / self.period


def may_loop(tokens: Codes) -> bool:
    """Whether :func:`tokens_to_keep` is worth its cost: the end has a period, or little is new."""
    if next(_runs(tokens), None) is not None:
        return True
    return len(tokens) % NEAR_CHECK_EVERY == 0 and _few_new_pairs(tokens)


def tokens_to_keep(
    token_ids: tuple[int, ...], decode: Decode, *, tiles: int = 1, near: bool = True
) -> int | None:
    """How many tokens of a loop to keep: all before it and its first round. None if it is none.

    What is kept ends with a line where the loop has lines, and never within a character. More
    ``tiles`` of a page, or more pages, show more. ``near``: look for near loops, too.
    """
    tokens, ids = np.array(token_ids, np.int64), list(token_ids)
    pages = min(2.0, (3 + tiles) / 4)
    runs = list(_runs(tokens))
    for run in runs:
        period = decode(ids[run.start : run.start + run.period])
        if _exceeds_page(period, run, pages, max_unbroken=MAX_UNBROKEN):
            return _exact_loop(ids, decode, run)
    if not near or not _few_new_pairs(tokens):
        return None
    count = _counting_loop(ids, decode, pages) or _near_loop(tokens, decode, pages)
    return count and max(count, *(_exact_loop(ids, decode, run) for run in runs[:1]), 0)


def _runs(codes: Codes) -> Iterator[RepeatedRun]:
    """The periods that the end of ``codes`` has, the shortest first; no multiples of one."""
    size, periods = len(codes), _match_offsets(codes)
    while len(periods):
        period = int(periods[0])
        differ = np.flatnonzero(codes[period:] != codes[:-period])
        start = int(differ[-1]) + 1 if len(differ) else 0
        length = size - start
        if length >= max(MIN_RUN, MIN_REPEATS * period):
            yield RepeatedRun(start, period, length)
        periods = periods[1:]
        periods = periods[(periods % period != 0) | (periods + KEY > length)]


def _match_offsets(codes: Codes) -> Codes:
    """How far back the last KEY codes stood before, the nearest first."""
    size = len(codes)
    if size < MIN_RUN:
        return np.zeros(0, np.int64)
    key = codes[-KEY:]
    ends = np.flatnonzero(codes[KEY - 1 : -1] == key[-1])[::-1] + KEY - 1
    for back in range(1, 16):
        ends = ends[codes[ends - back] == key[-1 - back]]
    windows = np.lib.stride_tricks.sliding_window_view(codes, KEY)
    ends = ends[(windows[ends - KEY + 1] == key).all(1)]
    offsets: Codes = size - 1 - ends
    return offsets


def _exceeds_page(text: str, run: RepeatedRun, pages: float, *, max_unbroken: int) -> bool:
    """Whether a run whose period is ``text`` is more than ``pages`` pages show."""
    visible = visible_text(text)
    if not visible.strip():
        line_breaks = text.count("\n") * run.repeats
        return run.length >= MAX_INVISIBLE and (not line_breaks or line_breaks > PAGE_LINES * pages)
    if len(visible) >= BLOCK_CHARS and run.repeats >= BLOCK_REPEATS * pages:
        return True
    if LINE_END.search(text) is None:
        return len(visible) * run.repeats >= max_unbroken
    return count_lines(text) * run.repeats > PAGE_LINES * pages


def _few_new_pairs(tokens: Codes) -> bool:
    """Whether so few pairs among the last tokens are new that they may be a near loop."""
    if len(tokens) <= PAIRS:
        return False
    return float(_is_new(tokens, 2)[-PAIRS:].mean()) <= MAX_NEW_PAIRS


def _is_new(tokens: Codes, size: int) -> npt.NDArray[np.bool_]:
    """For each n-gram of this size whether it stands there for the first time."""
    count = len(tokens) - size + 1
    grams = np.zeros(count, np.int64)
    for offset in range(size):
        grams = grams * 1_000_003 + tokens[offset : offset + count]  # wraps around: it is a hash
    new = np.zeros(count, np.bool_)
    new[np.unique(grams, return_index=True)[1]] = True
    return new


def _exact_loop(ids: list[int], decode: Decode, run: RepeatedRun) -> int:
    """How many tokens to keep of a loop of tokens."""
    ends = (run.start + rounds * run.period for rounds in range(3))
    start, first, second = (len(decode(ids[:end])) for end in ends)
    return _end_of_first_round(ids[: run.start + 2 * run.period], decode, start, second - first)


def _counting_loop(ids: list[int], decode: Decode, pages: float) -> int | None:
    """How many tokens to keep of a loop but for its numbers, which may be data: more is allowed."""
    codes = np.frombuffer(decode(ids).encode("utf-32-le", "surrogatepass"), "<u4")
    digits = (codes >= ord("0")) & (codes <= ord("9"))
    offsets = np.flatnonzero(~digits | ~np.roll(digits, 1))  # of a number, the first digit only
    plain = np.where(digits, ord("0"), codes)[offsets]
    for run in _runs(plain):
        end = run.start + run.period
        text = "".join(map(chr, plain[run.start : end]))
        if _exceeds_page(text, run, COUNTING_SLACK * pages, max_unbroken=2 * MAX_UNBROKEN):
            start = int(offsets[run.start])
            return _end_of_first_round(ids, decode, start, int(offsets[end]) - start)
    return None


def _near_loop(tokens: Codes, decode: Decode, pages: float) -> int | None:
    """How many tokens to keep if an end with hardly any new n-gram is more than a page.

    That is all up to the last place where nearly all was new: its first round, or what was before.
    """
    is_new = _is_new(tokens, NGRAM)
    new = np.cumsum(is_new[::-1])
    repetitive = np.flatnonzero(new <= MAX_NEW_NGRAMS * np.arange(1, len(new) + 1))
    if not len(repetitive):
        return None
    start, ids = len(new) - 1 - int(repetitive[-1]), tokens.tolist()
    if count_lines(decode(ids[start:])) <= PAGE_LINES * pages:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(is_new, 2 * NGRAM)
    mostly_new = np.flatnonzero(windows[start:].sum(1) > 1.5 * NGRAM)
    end = start + (int(mostly_new[-1]) + 2 * NGRAM if len(mostly_new) else NGRAM)
    return _round_up_to_line(ids, decode, len(decode(ids[:end])))


def _end_of_first_round(ids: list[int], decode: Decode, start: int, period: int) -> int:
    """How many tokens to keep of a text that repeats itself from character ``start`` on.

    Tokens may hide that it began a little earlier, with "The" instead of " The".
    """
    text = decode(ids)
    while start and text[start - 1] == text[start - 1 + period]:
        start -= 1
    return _round_up_to_line(ids, decode, start + period)


def _round_up_to_line(ids: list[int], decode: Decode, end: int) -> int:
    """How many tokens make up the text until ``end``, and the line, or the sentence, that it is in.

    A loop may seem to begin with the end of the line before it, which ends as its own lines do.
    """
    text = decode(ids)
    before = TABLE_RULE.sub("", text[:end]).rstrip(" \t")
    if not before.endswith(("\n", "\\\\")):
        match = LINE_END.search(text, end)
        if match is None and not before.endswith(tuple(".!?;。!?;")):
            match = _SENTENCE_END.search(text, end)
        end = end if match is None else match.end()
    count = bisect_right(range(len(ids) + 1), end, key=lambda count: len(decode(ids[:count])))
    while count > 1 and decode(ids[: count - 1]).endswith("\ufffd"):
        count -= 1
    return max(1, count - 1)
