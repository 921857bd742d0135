r"""Finds readings that go in circles, and says how much of them to keep. numpy, no torch.

A page can show only so much: some 90 lines, in the square of pixels that the model sees. Where a
reading's end repeats itself, it is a loop once what is repeated would fill more than that; until
then it may be a table of equal rows, dot leaders, a refrain. There are three looks:

1. *exact*: the end of the tokens has a period, of any length;
2. *counted*: the text has one, with every number read as 0: ``1. the 2. the 3. the``;
3. *near*: for more than a page, hardly any n-gram of the tokens is new.

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

from got_loaders.engine.repetition.page_capacity import END, PAGE_LINES, RULE, lines, shown

__all__ = ["CHECK_EVERY", "NEAR_EVERY", "may_loop", "tokens_to_keep"]

Codes = npt.NDArray[np.integer]
Decode = Callable[[list[int]], str]

CHECK_EVERY = 64
NEAR_EVERY = 256
"""Tokens between two looks; those at near loops cost more, as does waiting for them."""

RUN, REPEATS = 192, 3
"""What is shorter, or stands there less often, is not looked at: it costs little."""
KEY = RUN - RUN // REPEATS
"""So many codes, at least, of such a run stood a period earlier too."""
NGRAM, NEW = 8, 0.15
PAIRS, NEW_PAIRS = 768, 0.25
"""Of a near loop's n-grams at most this share is new. Pairs of tokens tell at little cost where
that can't be: in prose half of the last 768 are new."""

UNBROKEN = 800
"""Characters that repeat themselves in one line; dot leaders and rows of cells have fewer."""
BLOCK, COPIES = 250, 10
"""A block of so many characters stands on a form four or six times, not ten."""
COUNTED = 1.5
"""Pages of lines that differ in their numbers: these may be data, in small type."""
INVISIBLE = 512  # tokens of nothing but spaces, line breaks, or braces

_STOP = re.compile(r"[.!?;]\s|[。!?;]")


@dataclass(frozen=True, slots=True)
class Run:
    """The end of a sequence, from ``start`` on: it repeats its first ``period`` codes."""

    start: int
    period: int
    length: int

    @property
    def repeats(self) -> float:
        """How often the period stands there."""
        return self.length / self.period


def may_loop(tokens: Codes) -> bool:
    """Whether text is worth a look: the end of ``tokens`` has a period, or little that is new."""
    if next(_runs(tokens), None) is not None:
        return True
    return len(tokens) % NEAR_EVERY == 0 and _is_stale(tokens)


def tokens_to_keep(
    token_ids: tuple[int, ...], decode: Decode, *, tiles: int = 1, near: bool = True
) -> int | None:
    """How many tokens of a loop to keep: all before it and its first round. None if it is none.

    What is kept ends with a line where the loop has lines, and never within a character. More
    ``tiles`` of a page, or more pages, show more. ``near``: look at loops that vary, too.
    """
    tokens, written = np.array(token_ids, np.int64), list(token_ids)
    room = min(2.0, (3 + tiles) / 4)
    runs = list(_runs(tokens))
    for run in runs:
        period = decode(written[run.start : run.start + run.period])
        if _overflows(period, run, room, unbroken=UNBROKEN):
            return _exact(written, decode, run)
    if not near or not _is_stale(tokens):
        return None
    kept = _counted(written, decode, room) or _near(tokens, decode, room)
    return kept and max(kept, *(_exact(written, decode, run) for run in runs[:1]), 0)


def _runs(codes: Codes) -> Iterator[Run]:
    """The periods that the end of ``codes`` has, the shortest first; no multiples of one."""
    size, periods = len(codes), _distances(codes)
    while len(periods):
        period = int(periods[0])
        differ = np.flatnonzero(codes[period:] != codes[:-period])
        start = int(differ[-1]) + 1 if len(differ) else 0
        length = size - start
        if length >= max(RUN, REPEATS * period):
            yield Run(start, period, length)
        periods = periods[1:]
        periods = periods[(periods % period != 0) | (periods + KEY > length)]


def _distances(codes: Codes) -> Codes:
    """How far back the last KEY codes stood before, the nearest first."""
    size = len(codes)
    if size < RUN:
        return np.zeros(0, np.int64)
    key = codes[-KEY:]
    ends = np.flatnonzero(codes[KEY - 1 : -1] == key[-1])[::-1] + KEY - 1
    for back in range(1, 16):
        ends = ends[codes[ends - back] == key[-1 - back]]
    windows = np.lib.stride_tricks.sliding_window_view(codes, KEY)
    ends = ends[(windows[ends - KEY + 1] == key).all(1)]
    distances: Codes = size - 1 - ends
    return distances


def _overflows(text: str, run: Run, room: float, *, unbroken: int) -> bool:
    """Whether a run whose period is ``text`` is more than a page shows."""
    width = len(shown(text))
    if not shown(text).strip():
        breaks = text.count("\n") * run.repeats
        return run.length >= INVISIBLE and (not breaks or breaks > PAGE_LINES * room)
    if width >= BLOCK and run.repeats >= COPIES * room:
        return True
    if END.search(text) is None:
        return width * run.repeats >= unbroken
    return lines(text) * run.repeats > PAGE_LINES * room


def _is_stale(tokens: Codes) -> bool:
    """Whether so few pairs among the last tokens are new that they may be a near loop."""
    if len(tokens) <= PAIRS:
        return False
    return float(_is_new(tokens, 2)[-PAIRS:].mean()) <= NEW_PAIRS


def _is_new(tokens: Codes, size: int) -> npt.NDArray[np.bool_]:
    """For each n-gram of this size whether it stands there for the first time."""
    count = len(tokens) - size + 1
    grams = np.zeros(count, np.int64)
    for place in range(size):
        grams = grams * 1_000_003 + tokens[place : place + count]  # wraps around: it is a hash
    new = np.zeros(count, np.bool_)
    new[np.unique(grams, return_index=True)[1]] = True
    return new


def _exact(written: list[int], decode: Decode, run: Run) -> int:
    ends = (run.start + rounds * run.period for rounds in range(3))
    start, first, second = (len(decode(written[:end])) for end in ends)
    return _after_one_round(written[: run.start + 2 * run.period], decode, start, second - first)


def _counted(written: list[int], decode: Decode, room: float) -> int | None:
    """A loop but for its numbers, which may be data: so there may be more of it."""
    codes = np.frombuffer(decode(written).encode("utf-32-le", "surrogatepass"), "<u4")
    digits = (codes >= ord("0")) & (codes <= ord("9"))
    places = np.flatnonzero(~digits | ~np.roll(digits, 1))  # of a number, the first digit only
    plain = np.where(digits, ord("0"), codes)[places]
    for run in _runs(plain):
        end = run.start + run.period
        text = "".join(map(chr, plain[run.start : end]))
        if _overflows(text, run, COUNTED * room, unbroken=2 * UNBROKEN):
            start = int(places[run.start])
            return _after_one_round(written, decode, start, int(places[end]) - start)
    return None


def _near(tokens: Codes, decode: Decode, room: float) -> int | None:
    """The longest end of ``tokens`` with hardly any new n-gram, if that is more than a page.

    Kept is all up to the last place where nearly all was new: its first round, or what was before.
    """
    is_new = _is_new(tokens, NGRAM)
    new = np.cumsum(is_new[::-1])
    stale = np.flatnonzero(new <= NEW * np.arange(1, len(new) + 1))
    if not len(stale):
        return None
    start, written = len(new) - 1 - int(stale[-1]), tokens.tolist()
    if lines(decode(written[start:])) <= PAGE_LINES * room:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(is_new, 2 * NGRAM)
    fresh = np.flatnonzero(windows[start:].sum(1) > 1.5 * NGRAM)
    end = start + (int(fresh[-1]) + 2 * NGRAM if len(fresh) else NGRAM)
    return _rounded(written, decode, len(decode(written[:end])))


def _after_one_round(written: list[int], decode: Decode, start: int, period: int) -> int:
    """Where the first round is over of what repeats itself from character ``start`` on.

    Tokens may hide that it began a little earlier, with "The" instead of " The".
    """
    text = decode(written)
    while start and text[start - 1] == text[start - 1 + period]:
        start -= 1
    return _rounded(written, decode, start + period)


def _rounded(written: list[int], decode: Decode, end: int) -> int:
    """How many tokens make up the text until ``end``, and the line, or the sentence, that it is in.

    A loop may seem to begin with the end of the line before it, which ends as its own lines do.
    """
    text = decode(written)
    before = RULE.sub("", text[:end]).rstrip(" \t")
    if not before.endswith(("\n", "\\\\")):
        found = END.search(text, end)
        if found is None and not before.endswith(tuple(".!?;。!?;")):
            found = _STOP.search(text, end)
        end = end if found is None else found.end()
    count = bisect_right(
        range(len(written) + 1), end, key=lambda count: len(decode(written[:count]))
    )
    while count > 1 and decode(written[: count - 1]).endswith("\ufffd"):
        count -= 1
    return max(1, count - 1)
