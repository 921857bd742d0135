r"""What the model writes that a draft has otherwise, learned as it happens. Pure.

A model has habits that no text layer knows: a blank at the end of each line, straight quotes, a
heading's ``\section*{``. Each is seen once as a mismatch, and expected from then on.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Edits"]

_MOST_TOKENS, _MOST_SKIPPED = 16, 4
"""Longer changes are none of habit."""
_KEEP, _TRUST = 0.8, 0.35
"""Endings are proposed while so many of the last ones were right."""


class Edits:
    """How the answer differs from a draft, as far as it does so again and again."""

    def __init__(self) -> None:
        self.replacements: dict[int, tuple[int, ...]] = {}
        """What to expect in the place of a token of the draft."""
        self._endings: dict[int, tuple[tuple[int, ...], int]] = {}
        self._seen: dict[int, tuple[int, ...]] = {}
        self._right = 0.5

    def learn(self, tokens: Sequence[int], replaced: Sequence[int]) -> None:
        """``tokens`` were written in the place of ``replaced``, which may be none."""
        if not 0 < len(tokens) <= _MOST_TOKENS or len(replaced) > _MOST_SKIPPED:
            return
        change = tuple(tokens)
        for index, token in enumerate(change):
            self._endings[token] = (change[index + 1 :], len(replaced))
        if len(replaced) == 1:
            (token,) = replaced
            if self._seen.get(token) == change:  # the second time in a row
                self.replacements[token] = change
            else:
                self.replacements.pop(token, None)
            self._seen[token] = change

    def kept(self, tokens: Sequence[int]) -> None:
        """These tokens were written; what is thought to replace them does not, then."""
        if self._seen.keys().isdisjoint(tokens):
            return
        for token in tokens:
            if token in self._seen and token not in self._seen[token]:
                del self._seen[token]
                self.replacements.pop(token, None)

    def ending(self, token: int) -> tuple[tuple[int, ...], int] | None:
        """How a change that has come to ``token`` ends, and how many of the draft it replaces."""
        return self._endings.get(token)

    @property
    def endings_are_right(self) -> bool:
        """Whether it is worth while to propose them."""
        return self._right >= _TRUST

    def observe_ending(self, *, right: bool) -> None:
        """Whether the first token of an ending was written."""
        self._right = _KEEP * self._right + (1 - _KEEP) * right
