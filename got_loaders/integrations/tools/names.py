"""Compares names as agents spell them with those that files have. Pure.

A model copies a name from a list or a user's words, and changes what it does not see: how accents
are composed, narrow blanks, dashes, capitals, a folder, quotes around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from urllib.parse import unquote

from got_loaders.errors import printable

__all__ = ["matching_names", "similar_names"]

_MAX_COMPARED = 2_000
"""Names of which similar ones are looked for: each takes up to a millisecond."""

_SIMILAR = 0.6
"""What difflib calls a close match."""

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\uff0d"), "-")
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u00b4`"), "'")
_PLAIN = {**_DASHES, **_QUOTES, ord("\\"): "/"}
_AROUND = " \t\r\n\"'<>\u201c\u201d\u201e\u00ab\u00bb"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}$")


def matching_names(name: str, names: Sequence[str], roots: Sequence[str] = ()) -> list[str]:
    """Those of ``names`` that are meant by ``name``: all that are equal in the strictest way.

    The ways, one after the other: the same letters, however composed, or as errors and lists show
    them; the same but for capitals, blanks, dashes, quotes, ``%20`` and what stands around; the
    same below some folder; the same below one of ``roots``, the folders' own names; the same but
    for a suffix that is missing.
    """
    composed = unicodedata.normalize("NFC", name.strip(_AROUND).removeprefix("./"))
    key = _key(name)
    keys = {other: _key(other) for other in names}
    below = {root: key.removeprefix(f"{_key(root)}/") for root in roots}
    ways: Iterator[list[str]] = iter([
        [n for n in names if composed in (unicodedata.normalize("NFC", n), printable(n))],
        [n for n in names if keys[n] == key],
        [n for n in names if keys[n].endswith(f"/{key}")],
        [n for n in names if keys[n] != key and keys[n] in below.values()],
        [n for n in names if _SUFFIX.sub("", f"/{keys[n]}").endswith(f"/{key}")],
    ])  # fmt: skip
    return next((found for found in ways if found), []) if key else []


def similar_names(name: str, names: Sequence[str]) -> list[str]:
    """At most three names that look like ``name``, as a whole or in their last part; best first."""
    key, some = _key(name), names[:_MAX_COMPARED]
    last = key.rpartition("/")[2]
    by_key: dict[str, list[str]] = {}
    for other in some:
        whole = _key(other)
        for part in {whole, whole.rpartition("/")[2]}:
            by_key.setdefault(part, []).append(other)
    close = [
        *get_close_matches(last, by_key, n=3, cutoff=_SIMILAR),
        *get_close_matches(key, by_key, n=3, cutoff=_SIMILAR),
    ]
    found = dict.fromkeys(other for part in close for other in by_key[part])
    return list(found)[:3]


def _key(name: str) -> str:
    """What two spellings of one name have in common."""
    text = unicodedata.normalize("NFKC", unquote(name)).casefold().translate(_PLAIN)
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    text = unicodedata.normalize("NFKC", re.sub(r"\s+", " ", text)).strip(_AROUND)
    return re.sub(r"/+", "/", text).removeprefix("./").strip("/").rstrip(".,;:")
