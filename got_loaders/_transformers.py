"""Weights in a folder → memory, by transformers, whatever the model. Imports no torch by itself."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from got_loaders.errors import EngineError

__all__ = ["SAFE", "load_weights", "loading_lock"]

SAFE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
"""For every ``from_pretrained``. Unless it is forbidden, a terminal is asked about remote code."""

_locks = [threading.RLock()]
if hasattr(os, "register_at_fork"):  # a child does not have the thread that may hold it
    os.register_at_fork(after_in_child=lambda: _locks.__setitem__(0, threading.RLock()))


@contextmanager
def loading_lock() -> Iterator[None]:
    """Held while transformers imports and loads: of all threads, one at a time may.

    Meanwhile transformers sets torch's default number format and exchanges methods of classes, for
    the whole process, and puts back what it found: two at once put back what the other had set.
    """
    with _locks[0]:
        yield


def load_weights(model_class: Any, folder: Path, *, dtype: Any) -> Any:
    """The transformers model in ``folder``, from safetensors only and without remote code.

    How attention is computed is transformers' own choice, whatever the folder's settings say: they
    may name a kernel to be downloaded and run.

    Raises :class:`EngineError` if weights are missing: transformers would go on with random numbers
    in their place. Whatever else transformers raises goes through.
    """
    with loading_lock():
        from transformers import AutoConfig

    config = AutoConfig.from_pretrained(folder, **SAFE)
    config._attn_implementation = None  # transformers' only way; parts follow
    with loading_lock(), _no_progress_bar():
        model, report = model_class.from_pretrained(
            folder,
            config=config,
            dtype=dtype,
            use_safetensors=True,
            output_loading_info=True,
            **SAFE,
        )
    missing = sorted(
        name for name in report["missing_keys"] if not name.endswith("num_batches_tracked")
    )
    if missing:
        raise EngineError(
            f"the checkpoint {folder} lacks {len(missing)} weights, the first is {missing[0]!r}"
        )
    return model


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """Loading takes seconds, and is no news. The switch is left as it was."""
    from transformers.utils import logging

    was_enabled = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers' own
    try:
        yield
    finally:
        if was_enabled:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]  # transformers' own
