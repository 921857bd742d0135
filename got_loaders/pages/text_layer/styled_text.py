"""Text, and how each of its characters is set: raised or lowered, bold, with an address. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

RAISED, LOWERED = "^", "_"


class Style(NamedTuple):
    """How characters are set.

    ``script`` is empty for those on the line, else :data:`RAISED` or :data:`LOWERED`; two of them
    for what is raised or lowered once more. ``link`` is the address that they lead to.
    """

    script: str = ""
    bold: bool = False
    link: str = ""


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class StyledText:
    """Characters and as many styles; ``styles`` is empty where all are plain."""

    text: str
    styles: tuple[Style, ...] = ()

    def __post_init__(self) -> None:
        if self.styles and len(self.styles) != len(self.text):
            raise ValueError(f"{len(self.styles)} styles for {len(self.text)} characters")

    def __add__(self, other: StyledText | str) -> StyledText:
        if isinstance(other, str):
            other = StyledText(other)
        if not self.styles and not other.styles:
            return StyledText(self.text + other.text)
        return StyledText(self.text + other.text, self._filled() + other._filled())

    def __getitem__(self, part: slice) -> StyledText:
        return StyledText(self.text[part], self.styles[part])

    def runs(self) -> Iterator[tuple[Style, str]]:
        """Neighbours of one style, together."""
        if not self.styles:
            if self.text:
                yield PLAIN, self.text
            return
        pairs = zip(self.styles, self.text, strict=True)
        for style, run in groupby(pairs, lambda pair: pair[0]):
            yield style, "".join(char for _, char in run)

    def without(self, char: str) -> StyledText:
        """The text without a character, wherever it stands."""
        kept = [n for n, each in enumerate(self.text) if each != char]
        if len(kept) == len(self.text):
            return self
        styles = tuple(self.styles[n] for n in kept) if self.styles else ()
        return StyledText("".join(self.text[n] for n in kept), styles)

    def _filled(self) -> tuple[Style, ...]:
        return self.styles or (PLAIN,) * len(self.text)


def concat(parts: Sequence[StyledText]) -> StyledText:
    """The parts, one after the other."""
    text = "".join(part.text for part in parts)
    if not any(part.styles for part in parts):
        return StyledText(text)
    return StyledText(text, tuple(style for part in parts for style in part._filled()))


def blank_between(before: StyledText, after: StyledText) -> StyledText:
    """A blank, set as what is on both its sides."""
    if not before.styles or not after.styles:
        return StyledText(" ")
    a, b = before.styles[-1], after.styles[0]
    link = a.link if a.link == b.link else ""
    style = Style(bold=a.bold and b.bold, link=link)
    return StyledText(" ", () if style == PLAIN else (style,))


def join_styled(parts: Sequence[StyledText]) -> StyledText:
    """The parts with a blank between them, which is set as what is on both its sides."""
    joined: list[StyledText] = []
    for part in parts:
        if joined:
            joined.append(blank_between(joined[-1], part))
        joined.append(part)
    return concat(joined)
