"""What several examples need: a folder to work in, and a count of pages."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from got_loaders import ProgressEvent

__all__ = ["ReadBefore", "in_folder"]


def in_folder(work: Callable[[Path], None]) -> None:
    """Work in the folder that the command line names, or in one that is removed again."""
    if len(sys.argv) > 1:
        work(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        work(Path(folder))


class ReadBefore:
    """As ``progress=``: counts the pages that the model did not have to read again."""

    def __init__(self) -> None:
        self.pages = 0

    def __call__(self, event: ProgressEvent) -> None:
        """One more page is done."""
        self.pages += event.result.ocr is not None and event.result.ocr.cached
