"""What becomes of a hyphen at the end of a line. Pure.

A printed hyphen there may be part of a word, or only divide it; the page does not say which. It
is kept where that is certain, or likely: the word stands elsewhere with a hyphen, or is one that
is always written so. Else the word is made whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from got_loaders.pages.text_layer.words import SOFT_HYPHEN

_HYPHENS = ("-", "\u2010", "\u2011", SOFT_HYPHEN)
_DASHES = ("\u2013", "\u2014")
_EDGES = ".,;:()[]{}\"'!?\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
"""Chinese and Japanese, which are written without blanks."""

_OPTION = re.compile(r"(?:^|\s)-\w")
_SPACED = re.compile(r"\s-(?:\s|$)")

_CONJUNCTIONS = {
    "en": "and or to nor", "de": "und oder bzw bis sowie", "fr": "et ou", "es": "y o e u",
    "it": "e ed o", "pt": "e ou", "nl": "en of tot", "sv": "och eller", "da": "og eller",
    "fi": "ja tai", "pl": "i lub oraz", "cs": "a nebo",
}  # fmt: skip
"""Words after a hyphen that leaves a word to be completed: ``pre- and post-war``."""

_COMMON = {
    "en": "the of in is that for with was on as by",
    "de": "der die das ist mit den von nicht ein zu im",
    "fr": "le la les des est dans une un que pour du",
    "es": "el la los las de que en una un por del",
    "it": "il la che di un una per della non con sono",
    "pt": "o os as de que do da uma um para não",
    "nl": "de het een van is dat niet met op te voor",
    "sv": "att det som en på är av för med den till",
    "da": "at det som en på er af for med den til",
    "fi": "on ei että se oli ovat kun hän joka myös ole",
    "pl": "w na z się do nie jest to że od po",
    "cs": "v na se je že s z do to jako pro",
}  # fmt: skip
"""Eleven of each language's commonest words, by which it is told."""

_MIN_COMMON = 8
"""Common words on a page that tell its language; below, each language's conjunctions count."""

_ENGLISH_TAIL = 3
"""Letters that English hyphenation leaves after the hyphen, at least."""

_HEADS = frozenset(["self", "well", "all", "half", "quasi", "two", "three", "twenty", "thirty"])
_TAILS = frozenset(
    ["based", "driven", "oriented", "specific", "level", "term", "year", "free", "called"]
)
_PREFIXES = frozenset(
    ["dis", "un", "re", "in", "de", "over", "mis", "out", "under", "pre", "non", "inter", "im"]
)
_SUFFIXES = frozenset(["ish", "ness", "less", "some", "fold", "hood", "ies", "ington"])
"""English words that are written with a hyphen before, or after, the other part of a compound; and
what makes one word of it."""


@dataclass(frozen=True, slots=True)
class KnownWords:
    """What the words of a page tell of the way that others are written.

    ``hyphenated`` have a hyphen inside, ``plain`` have none; ``conjunctions`` are those of the
    page's language, in so far as it can be told.
    """

    hyphenated: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    conjunctions: frozenset[str] = frozenset(" ".join(_CONJUNCTIONS.values()).split())


def known_words(texts: Iterable[str]) -> KnownWords:
    """What the lines of a page tell; the halves of words that are divided tell nothing."""
    words = [bare(word) for text in texts for word in text.split()]
    whole = [word for word in words if not word.endswith(_HYPHENS)]
    hyphenated = frozenset(word.replace("\u2010", "-") for word in whole if "-" in word[1:-1])
    return KnownWords(
        hyphenated=hyphenated,
        plain=frozenset(word for word in whole if word.isalpha()),
        conjunctions=_conjunctions(whole),
    )


def ends_in_hyphen(text: str) -> bool:
    """Whether a line's last character may divide a word."""
    return text.endswith(_HYPHENS)


def bare(word: str) -> str:
    """A word without the signs around it, in small letters."""
    return word.strip(_EDGES).lower()


def join_lines(before: str, after: str, known: KnownWords) -> tuple[str, bool]:
    """What stands between two lines, and whether the first one's last character goes."""
    last, inner = before[-1:], before[-2:-1]
    if last == SOFT_HYPHEN:
        return "", True
    if last in _HYPHENS:
        if not inner or inner.isspace():
            return _after_blank(before, after), False
        if (last == "-" and inner == "-") or not (inner.isalnum() or inner in ".)]'\u2019%\u00b0"):
            return " ", False  # a dash of two hyphens
        return _divided(before, after, known)
    if last in _DASHES and inner and not inner.isspace():
        return "", False
    if _CJK.match(last) and _CJK.match(after[:1]):
        return "", False
    return " ", False


def _after_blank(before: str, after: str) -> str:
    """A hyphen that follows a blank begins an option or a number, or is a dash between blanks."""
    if not (after[:1].islower() or after[:1].isdigit()):
        return " "
    is_dash = _SPACED.search(before[:-1]) or _SPACED.search(f" {after}")
    return " " if is_dash and not _OPTION.search(before[:-1]) else ""


def _divided(before: str, after: str, known: KnownWords) -> tuple[str, bool]:
    head, tail = before.split()[-1], after.split()[0] if after.split() else ""
    compound = bare(head + tail).replace("\u2010", "-")
    whole = bare(head[:-1] + tail)
    if compound in known.hyphenated:
        return "", False
    if bare(tail) in known.conjunctions and whole not in known.plain:
        return " ", False
    if not (head[-2:-1].isalpha() and tail[:1].isalpha()):
        return "", False
    if whole in known.plain:
        return "", True
    return "", not _keeps(head[:-1], tail)


def _keeps(head: str, tail: str) -> bool:
    """Whether a compound keeps its hyphen, as far as its two parts tell."""
    first, second = bare(head), bare(tail)
    if len(first) == 1 or any(mark in head for mark in _HYPHENS):
        return True
    if tail[:1].isupper():
        return not (head.isupper() and tail.isupper() and min(len(first), len(second)) > 2)
    if first in _HEADS:
        return second not in _SUFFIXES
    return second in _TAILS and len(first) > 1 and first not in _PREFIXES


def _conjunctions(words: Iterable[str]) -> frozenset[str]:
    counts = dict.fromkeys(_COMMON, 0)
    sets = {language: set(common.split()) for language, common in _COMMON.items()}
    for word in words:
        for language, common in sets.items():
            counts[language] += word in common
    most = max(counts.values())
    likely = [
        language for language, count in counts.items() if most < _MIN_COMMON or count >= 0.6 * most
    ]
    known = {word for each in likely for word in _CONJUNCTIONS[each].split()}
    if "en" in likely:  # English leaves three letters at least: two are a word, of some language
        others = " ".join(_CONJUNCTIONS.values()).split()
        known.update(word for word in others if len(word) < _ENGLISH_TAIL)
    return frozenset(known)
