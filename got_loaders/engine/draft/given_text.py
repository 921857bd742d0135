"""Proposes from a text that the answer may turn out to be: a text layer, an earlier reading. Pure.

While the answer follows the draft, a place in it moves on. Where the answer leaves it, what comes
next is proposed from one token on, as if that one had been misread, until the place is found again:
by the newest token close by, or by the three newest ones anywhere in the draft.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from got_loaders.engine.draft.acceptance import NONE, Acceptance, AcceptanceRate
from got_loaders.engine.draft.edits import Edits
from got_loaders.engine.draft.find_place import GRAM, find_anywhere, find_near

__all__ = ["GivenText"]

_LOOK_EVERY = 4
"""Tokens between two searches through all of the draft."""

Place = tuple[int, tuple[int, ...]]
"""A position in the draft, and the tokens that are expected before it."""


class GivenText:
    """One draft, and where in it the answer is."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._draft = tuple(tokens)
        self._codes: npt.NDArray[np.int32] | None = None
        self._place = 0
        self._before: tuple[int, ...] = ()
        self._followed = 0
        """Up to where the answer followed the draft; ``_left`` is what it had written by then."""
        self._left: int | None = None
        self._is_guess = False
        self._look_at = 0
        self._edits = Edits()
        self._ending: int | None = None
        self._rate = AcceptanceRate(share=1.0, then=0.9, after_mismatch=0.4)

    @property
    def share(self) -> float:
        """Of what was written lately; a draft that has come to its end has nothing to propose."""
        return self._rate.share if self._before or self._place < len(self._draft) else -1.0

    @property
    def acceptance(self) -> Acceptance:
        """As it was lately, or good at first."""
        if not self._before and self._place >= len(self._draft):
            return NONE
        return self._rate.estimate(after_mismatch=self._is_guess)

    def propose(self, limit: int) -> Sequence[int]:
        """The next tokens of the draft, as the model is used to write them."""
        return self._expected(limit)[0]

    def observe(self, written: Sequence[int], tokens: tuple[int, ...]) -> None:
        """Follow what was written, or find the place again."""
        if self._ending is not None:
            self._edits.observe_ending(right=tokens[0] == self._ending)
            self._ending = None
        expected, places = self._expected(len(tokens))
        right = _common_start(expected, tokens)
        if expected:
            self._rate.observe(right, len(tokens), after_mismatch=self._is_guess)
        start = len(written) - len(tokens)
        if right:
            self._follow(written, start, places[right - 1] if places else None, right)
            self._edits.kept(tokens[:right])
        if right < len(tokens):
            self._search(written, start + right)

    def _expected(self, limit: int) -> tuple[tuple[int, ...], list[Place] | None]:
        """The next tokens, and the place after each; None: the draft's own, one after the other."""
        draft, place, before = self._draft, self._place, self._before
        replacements = self._edits.replacements
        own = draft[place : place + limit]
        if not before and replacements.keys().isdisjoint(own):
            return own, None
        tokens: list[int] = []
        places: list[Place] = []
        while len(tokens) < limit and (before or place < len(draft)):
            if not before:
                before = replacements.get(draft[place]) or draft[place : place + 1]
                place += 1
            tokens.append(before[0])
            before = before[1:]
            places.append((place, before))
        return tuple(tokens), places

    def _follow(self, written: Sequence[int], start: int, place: Place | None, right: int) -> None:
        """So many of the tokens from ``start`` on were the expected ones."""
        ending = len(self._before)
        if self._left is not None and right > ending:
            if self._followed <= self._place:
                replaced = self._draft[self._followed : self._place]
                self._edits.learn(written[self._left : start + ending], replaced)
            self._left = None
        self._is_guess = False
        self._place, self._before = (self._place + right, ()) if place is None else place

    def _search(self, written: Sequence[int], at: int) -> None:
        """The answer is elsewhere, from its token ``at`` on."""
        if self._left is None:
            self._left, self._followed = at, self._place
            self._look_at = at + GRAM
            self._edits.kept(written[at : at + 1])
        self._before = ()
        found = find_near(self._draft, written, self._followed)
        if found is None and len(written) >= self._look_at:
            found = self._look_anywhere(written)
        if found is not None:
            self._place = found + 1
            same = self._draft[max(found + 1 - GRAM, 0) : found + 1]
            self._is_guess = same != tuple(written[-GRAM:])
            return
        self._place, self._is_guess = self._followed + 1, True
        ending = self._edits.ending(written[-1])
        if ending is None:
            return
        tokens, replaced = ending
        self._ending = tokens[0] if tokens else None
        if self._edits.endings_are_right:
            self._before, self._place = tokens, self._followed + replaced

    def _look_anywhere(self, written: Sequence[int]) -> int | None:
        self._look_at = len(written) + _LOOK_EVERY
        if self._codes is None:
            self._codes = np.array(self._draft, np.int32)
        return find_anywhere(self._codes, written, self._followed)


def _common_start(expected: tuple[int, ...], tokens: tuple[int, ...]) -> int:
    if expected == tokens:
        return len(tokens)
    pairs = zip(expected, tokens, strict=False)
    return next(
        (index for index, (one, other) in enumerate(pairs) if one != other),
        min(len(expected), len(tokens)),
    )
