"""What metadata says of how far readings agree with the words that their pages' file names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from got_loaders.results import PageResult, TextSpan

__all__ = ["agreement_metadata"]

_MAX_SPANS = 400
"""Characters of all spans together: splitters count metadata against their chunks."""
_MAX_SPAN = 200
"""Characters of one of them."""
_MIN_WORDS, _MIN_LETTERS = 3, 8
"""Of a span that is named; one or two words are misread, and not invented."""
_BETWEEN = " | "


def agreement_metadata(results: Sequence[PageResult]) -> dict[str, str | float | None]:
    """How far they agree over all pages of a record, weighed by words, and what is only read.

    The longest spans are named, in the order of the text; None where there is nothing to say.
    """
    known = [found for result in results if (found := result.agreement) is not None]
    words = sum(found.words for found in known)
    if not words:
        return {}
    score = sum(found.score * found.words for found in known) / words
    spans = [span for found in known for span in found.only_in_reading if _is_notable(span)]
    return {
        "ocr_agreement": round(score, 2),
        "ocr_only_in_reading": _BETWEEN.join(_longest(map(_shown, spans))) or None,
    }


def _is_notable(span: TextSpan) -> bool:
    return span.words >= _MIN_WORDS and sum(map(str.isalnum, span.text)) >= _MIN_LETTERS


def _shown(span: TextSpan) -> str:
    """It on one line, and not too long."""
    text = " ".join(span.text.split())
    return text if len(text) <= _MAX_SPAN else f"{text[:_MAX_SPAN]}…"


def _longest(texts: Iterable[str]) -> Iterator[str]:
    """As many of them as there is room for, the longest first, in the order in which they came."""
    numbered = list(enumerate(texts))
    kept: set[int] = set()
    room = _MAX_SPANS
    for number, text in sorted(numbered, key=lambda item: (-len(item[1]), item[0])):
        room -= len(text) + len(_BETWEEN)
        if room < 0:
            break
        kept.add(number)
    return (text for number, text in numbered if number in kept)
