"""The words of the training pages, and those that are kept for measuring.

Knows the file `words.txt`; knows no grammar.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Words:
    """Content words by part of speech: all for training, or all held out."""

    nouns: tuple[str, ...]
    verbs: tuple[str, ...]
    adjectives: tuple[str, ...]
    adverbs: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def content(self) -> tuple[str, ...]:
        """Every word of the five lists."""
        return self.nouns + self.verbs + self.adjectives + self.adverbs + self.names


@cache
def load_words(*, held_out: bool) -> Words:
    """The training words, or the tenth of the list that training never shows."""
    sections = _sections()
    suffix = " held out" if held_out else ""
    kinds = ("nouns", "verbs", "adjectives", "adverbs", "names")
    return Words(*(sections[kind + suffix] for kind in kinds))


@cache
def function_words() -> tuple[str, ...]:
    """Words that every text needs: shared by training and measuring."""
    return _sections()["function words"]


@cache
def held_out_words() -> frozenset[str]:
    """The held-out words in lower case, to keep chance from spelling one in training."""
    return frozenset(word.lower() for word in load_words(held_out=True).content)


def _sections() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    section: list[str] = []
    for line in (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            section.extend(line.split())
    return {name: tuple(words) for name, words in found.items()}
