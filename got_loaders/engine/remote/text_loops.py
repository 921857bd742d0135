"""Cuts an answer that went in circles until its tokens ran out, where only its text is known.

An engine of ours looks at the tokens while they come, and stops. Here the words stand for them,
afterwards: the server has spent its time by then.
"""

from __future__ import annotations

import re
from dataclasses import replace

from got_loaders.types import OcrResult

__all__ = ["cut_loop"]

_WORD = re.compile(r"[^\W\d_]+|\d+|\s+|[^\w\s]|_")
_MAX_CHARS = 200_000
"""Characters at the end of an answer that are looked at: more than a page has, several times."""


def cut_loop(result: OcrResult) -> OcrResult:
    """The result with all before its loop and the first round of that, if it ends in one.

    Only of an answer that was cut off: one that ended by itself went in no circle. Its tokens are
    unknown then; ``num_tokens`` and ``confidence`` stay those of all that was written.
    """
    if result.finish_reason != "length":
        return result
    from got_loaders.engine.repetition.detector import tokens_to_keep  # which loads numpy

    head, text = result.text[:-_MAX_CHARS], result.text[-_MAX_CHARS:]
    words = _WORD.findall(text)
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(word, len(numbers)) for word in words]
    known = list(numbers)
    kept = tokens_to_keep(
        tuple(codes), lambda ids: "".join(known[each] for each in ids), near=False
    )
    if kept is None:
        return result
    text = head + "".join(words[:kept])
    return replace(result, text=text, finish_reason="repetition", token_ids=())
