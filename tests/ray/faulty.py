"""Engines that fail as told, and files whose pages they tell apart; workers import this."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw

from got_loaders.errors import EngineDeadError
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest

_NARROWEST = 300


def tiff(path: Path, numbers: Sequence[int]) -> Path:
    """A file of pages with these numbers: a number is how much wider than the narrowest it is."""
    pages = [Image.new("L", (_NARROWEST + number, 200), 255) for number in numbers]
    for page in pages:
        ImageDraw.Draw(page).rectangle((40, 40, 200, 90), fill=0)
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="tiff_lzw")
    return path


@dataclass(frozen=True)
class FaultyEngines:
    """Makes engines that answer with a page's number, and note in ``folder`` that they were asked.

    ``kills`` are the pages at which the process is killed, ``deaths`` those at which the engine
    stops for good: how often each. ``renderers`` are the tasks that render, in the order in which
    they begin, whose process is killed. Before one renders, ``removed`` are removed and
    ``changed`` written to.
    """

    folder: Path
    kills: Mapping[int, int] = field(default_factory=dict)
    deaths: Mapping[int, int] = field(default_factory=dict)
    renderers: tuple[int, ...] = ()
    removed: tuple[Path, ...] = ()
    changed: tuple[Path, ...] = ()

    @property
    def max_side(self) -> None:
        """What a task that renders asks first."""
        for path in self.removed:
            path.unlink(missing_ok=True)
        for path in self.changed:
            path.write_bytes(path.read_bytes() + b"0")
        if append(self.folder / "rendered", 0)[0] in self.renderers:
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self) -> FakeEngine:
        """An engine, where it is needed."""
        return FakeEngine(self._answer, max_batch_size=4)

    def _answer(self, request: OcrRequest) -> str:
        number = request.images[0].size[0] - _NARROWEST
        count = append(self.folder / "asked", number)[number]
        if count <= self.kills.get(number, 0):
            os.kill(os.getpid(), signal.SIGKILL)
        if count <= self.deaths.get(number, 0):
            raise EngineDeadError(f"page {number} stopped it")
        return str(number)

    @property
    def asked(self) -> Counter[int]:
        """How often each page was asked for."""
        return counts(self.folder / "asked")


def append(path: Path, number: int) -> Counter[int]:
    """Note a number, which holds whatever becomes of the process; how often each was."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(handle, f"{number}\n".encode())
    finally:
        os.close(handle)
    return counts(path)


def counts(path: Path) -> Counter[int]:
    """How often each number was noted."""
    return Counter(map(int, path.read_text().split())) if path.exists() else Counter()
