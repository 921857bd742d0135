"""Corrections as values: what was corrected, by its place and a digest, and what it became."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from got_loaders.errors import OptionError, shown

__all__ = ["Corrected", "Correction", "CorrectionForm", "DigestForm"]

DigestForm = Literal["raw", "markdown", "latex", "html", "text"]
CorrectionForm = Literal["markdown", "raw"]

_DIGEST = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A reading that may be corrected; a value that is wrong raises :class:`OptionError`.

    ``id`` is the Document's. ``page`` is the page, from 0; None of a text of several pages that are
    not told apart. ``region`` is the region's index where the Document has several; None: all of
    the page. ``of`` is the form of text that ``digest`` is of: that of what was read, before any
    correction. ``source`` is what metadata calls the document; it is there for people to read.
    """

    id: str
    page: int | None
    region: int | None
    of: DigestForm
    digest: str
    source: str = ""

    def __post_init__(self) -> None:
        _check("id", self.id, isinstance(self.id, str) and self.id, "a Document's id")
        for name in ("page", "region"):
            value = getattr(self, name)
            counts = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            _check(name, value, value is None or counts, "a whole number from 0, or none")
        _check("of", self.of, *_one_of(DigestForm, self.of))
        is_digest = isinstance(self.digest, str) and _DIGEST.fullmatch(self.digest)
        _check("digest", self.digest, is_digest, "16 of the signs 0-9 and a-f")
        _check("source", self.source, isinstance(self.source, str), "a text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A text that takes the place of a reading, as Markdown, or in what the model wrote it."""

    corrected: Corrected
    form: CorrectionForm
    text: str

    def __post_init__(self) -> None:
        is_corrected = isinstance(self.corrected, Corrected)
        _check("corrected", self.corrected, is_corrected, "what was corrected (a Corrected)")
        _check("form", self.form, *_one_of(CorrectionForm, self.form))
        _check("text", self.text, isinstance(self.text, str), "a text")

    @classmethod
    def from_json(cls, value: object) -> Correction:
        """The correction that a line of a file holds; :class:`OptionError` names what is wrong.

        What it holds beside (a note, a name, a date) is passed over.
        """
        if not isinstance(value, Mapping):
            raise OptionError(f"{shown(value)}: expected an object, as a report exports them")
        needed = (*(f.name for f in fields(Corrected) if f.name != "source"), "form", "text")
        missing = [name for name in needed if name not in value]
        if missing:
            raise OptionError(f"{' and '.join(missing[:2])} missing: there is no default")
        known: dict[str, Any] = {
            f.name: value[f.name] for f in fields(Corrected) if f.name in value
        }
        return cls(corrected=Corrected(**known), form=value["form"], text=value["text"])

    def to_json(self) -> dict[str, str | int | None]:
        """What a line of a file holds of it."""
        return {**asdict(self.corrected), "form": self.form, "text": self.text}


def _one_of(literal: object, value: object) -> tuple[bool, str]:
    """Whether it is one of the words, and which they are."""
    words = get_args(literal)
    return isinstance(value, str) and value in words, f"one of {', '.join(map(repr, words))}"


def _check(name: str, value: object, is_right: object, expected: str) -> None:
    if not is_right:
        raise OptionError(f"{name}={shown(value)}: expected {expected}")
