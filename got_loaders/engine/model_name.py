"""What ``model`` may be: the embedded checkpoint, the hub's id, a folder; and what a misspelt one
was meant to be. Asks no network and loads nothing.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from got_loaders._hub import cached_snapshot, check_path, local_folder
from got_loaders._spelling import closest
from got_loaders.errors import ModelNotFoundError, OptionError, shown

__all__ = ["DEFAULT_MODEL", "ORIGINAL_IDS", "check_model_name", "check_spelling"]

DEFAULT_MODEL = "stepfun-ai/GOT-OCR-2.0-hf"
ORIGINAL_IDS = ("stepfun-ai/GOT-OCR2_0", "ucaslcl/GOT-OCR2_0")
"""The same weights in the original repository's format, which is refused with a word of its own."""

_EMBEDDED = "tiny"
_EXPECTED = f'expected "tiny", {DEFAULT_MODEL}, or a folder with its weights'
_DIGITS = ("", "0", "2", "20")
"""Those of the id as people remember them; other ones may be another version's."""


def check_spelling(model: object) -> None:
    """Raise :class:`OptionError` for what is no name, or a known one misspelt.

    A folder of that name is what is meant, however it is spelt.
    """
    if not isinstance(model, str) or not model:
        raise OptionError(f"model={shown(model)}: expected a text: a hub id, a folder or 'tiny'")
    if model in (_EMBEDDED, DEFAULT_MODEL, *ORIGINAL_IDS) or local_folder(model) is not None:
        return
    meant = _meant(model)
    if meant is not None:
        text = f"model={shown(model)} is neither a model nor a folder; did you mean {meant!r}?"
        raise OptionError(text)


def check_model_name(model: str) -> None:
    """Raise :class:`ModelNotFoundError` for a path at which nothing is, and for a name without a
    slash, which the hub gives to none of these models; no network is asked.
    """
    if model in (_EMBEDDED, DEFAULT_MODEL) or local_folder(model) is not None:
        return
    check_path("model", model)
    if "/" not in model and cached_snapshot(model, ("config.json",)) is None:
        raise ModelNotFoundError(f"model={shown(model)}: there is no such folder; {_EXPECTED}")


def _meant(model: str) -> str | None:
    """The known name that this one resembles."""
    if not re.search(r"[/\\]", model):
        if closest(model, [_EMBEDDED]) is not None:
            return _EMBEDDED
        return DEFAULT_MODEL if _resembles(model, DEFAULT_MODEL.rpartition("/")[2], 0.7) else None
    return DEFAULT_MODEL if _resembles(model, DEFAULT_MODEL, 0.88) else None


def _resembles(model: str, name: str, least: float) -> bool:
    """Whether they have ``least`` of their letters in common, and no other version's number."""
    one, other = (re.sub(r"[\W_]+", "", text.casefold()) for text in (model, name))
    if "".join(filter(str.isdigit, one)) not in _DIGITS:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= least
