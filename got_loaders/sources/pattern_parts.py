"""How the parts of a pattern match the names along a path. Pure.

All ways through the pattern are followed at once: the state is the set of parts that may come next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch

__all__ = ["ANY_DEPTH", "PatternParts", "PatternStates"]

ANY_DEPTH = "**"

PatternStates = frozenset[int]
"""The parts of a pattern that may come next: all that are possible after the names so far."""


@dataclass(frozen=True, slots=True)
class PatternParts:
    """The parts of a pattern; ``fits`` says whether a name fits one, and a shell's rules do."""

    parts: tuple[str, ...]
    fits: Callable[[str, str], bool] = fnmatch

    @property
    def start(self) -> PatternStates:
        """Before the first name."""
        return self._closed({0})

    def after(
        self,
        states: PatternStates,
        name: str,
        is_folder: Callable[[], bool],
        is_link: Callable[[], bool] = lambda: False,
    ) -> set[int]:
        """The parts that may follow this name; one past the last where it is a match itself.

        Hidden names match nothing, but where the pattern has the dot.
        """
        reached = set()
        for state in states:
            part = self.parts[state]
            hidden = name.startswith(".") and not part.startswith(".")
            if part == ANY_DEPTH and not hidden:
                reached |= self._at_any_depth(state, is_folder, is_link)
            elif not hidden and self.fits(name, part):
                reached.add(state + 1)
        return reached

    def is_match(self, reached: set[int]) -> bool:
        """Whether what was reached is a match itself."""
        return len(self.parts) in reached

    def ahead(self, reached: set[int]) -> PatternStates:
        """The states to go on with below what was reached; empty where nothing below can match."""
        return self._closed(reached - {len(self.parts)})

    def goes_deep(self, states: PatternStates) -> bool:
        """Whether what matches may lie at any depth from here on."""
        return any(self.parts[state] == ANY_DEPTH for state in states)

    def _at_any_depth(
        self, state: int, is_folder: Callable[[], bool], is_link: Callable[[], bool]
    ) -> set[int]:
        """``**`` goes on in a folder that is no link; at the pattern's end it matches files."""
        if is_folder():
            return set() if is_link() else {state}
        return {state + 1} if state + 1 == len(self.parts) else set()

    def _closed(self, states: set[int]) -> PatternStates:
        """The states, and those behind a ``**``, which may match nothing."""
        closed = set(states)
        for state in range(len(self.parts) - 1):
            if state in closed and self.parts[state] == ANY_DEPTH:
                closed.add(state + 1)
        return frozenset(closed)
