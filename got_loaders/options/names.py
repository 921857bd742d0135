"""The names under which options are passed; what a wrong one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from got_loaders._spelling import closest
from got_loaders.errors import OptionError, shown

__all__ = ["BESIDE", "ENGINE_FIELDS", "check_names"]

BESIDE = ("model", "engine", "options")
"""What loaders, readers and tools take beside the options."""

ENGINE_FIELDS = (
    *("revision", "device", "dtype", "max_batch_size", "memory_fraction", "max_queued"),
    *("max_context", "prompt_style", "no_repeat_ngram_size"),
)
"""What an engine is made with; a test compares them with EngineConfig."""


def check_names(names: Iterable[str], known: Sequence[str]) -> None:
    """Raise :class:`OptionError` for a name that is not ``known``, with the one that was meant."""
    for name in names:
        if name not in known:
            raise OptionError(_refusal(name, known))


def _refusal(name: str, known: Sequence[str]) -> str:
    refused = f"{shown(name)} is not an option"
    if name in ("name", "filename", "file_name"):
        return f"{refused}; to name bytes, a file object or a picture pass (name, content)"
    meant = closest(name, (*known, *BESIDE, *ENGINE_FIELDS))
    if meant in ENGINE_FIELDS:
        return f"{refused}; it belongs to the engine: engine=EngineConfig({meant}=…)"
    there_are = f"here are {', '.join((*BESIDE, *known))}"
    if meant is None:
        return f"{refused}; t{there_are}"
    return f"{refused}; did you mean {meant}? T{there_are}"
