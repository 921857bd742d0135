"""Processes that read through one server read what a process with the model reads."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from benchmarks._reading_process import read_pages
from benchmarks.server import Reader, compare, main, write_pdfs
from got_loaders import EngineConfig
from tests.server.running import running_server


class Here:
    """Reads in this process, by an engine of its own."""

    has_torch = True

    def __init__(self, files: list[Path]) -> None:
        self._files = list(map(str, files))
        self._what = ""

    def start(self, what: str) -> None:
        """Keep in mind what is asked."""
        self._what = what

    def finish(self) -> list[Any]:
        """The pages."""
        return read_pages(self._what, "tiny", self._files)


class Said:
    """Has these pages."""

    def __init__(self, *pages: object, has_torch: bool = False) -> None:
        self._pages = list(pages)
        self.has_torch = has_torch

    def start(self, what: str) -> None:
        """Nothing."""

    def finish(self) -> list[Any]:
        """The pages."""
        return self._pages


def test_processes_read_through_one_server_what_one_reads_alone(tmp_path: Path) -> None:
    """Texts, ids, metadata, token ids and confidences are equal to the last digit, and no client
    has loaded torch.
    """
    files = write_pdfs(tmp_path, clients=2, pages=4, lines=1, seed=3)
    with ExitStack() as stack:
        server = stack.enter_context(running_server(EngineConfig(model="tiny")))
        clients = [stack.enter_context(Reader(server.url, [file])) for file in files]
        assert compare(clients, Here(files)) == []


def test_a_difference_is_told() -> None:
    """Other numbers, missing pages and a client that has loaded torch are each told."""
    pages = [["a", 0.1 + 0.2], ["b", 0.5]]
    assert compare([Said(pages[0]), Said(pages[1])], Said(*pages, has_torch=True)) == []
    wrong = compare([Said(["a", 0.3]), Said(has_torch=True)], Said(*pages))
    assert wrong == [
        *(
            "documents: 1 pages from the server, 2 else",
            "documents, page 0: ['a', 0.3] is not ['a', 0.30000000000000004]",
        ),
        *(
            "tokens: 1 pages from the server, 2 else",
            "tokens, page 0: ['a', 0.3] is not ['a', 0.30000000000000004]",
        ),
        "a client has loaded torch",
    ]


@pytest.mark.slow
def test_both_sides_are_timed_in_turns(capsys: pytest.CaptureFixture[str]) -> None:
    """The benchmark prints a row a round, the ratio, and the memory of each process."""
    assert main(["--clients", "2", "--pages", "2", "--lines", "1", "--rounds", "2"]) == 0
    printed = capsys.readouterr().out
    assert "2 clients × 2 pages, tiny" in printed
    assert "\n| 2 | " in printed
    assert "\nmedian: " in printed
    assert "texts, ids, metadata, tokens and confidences are equal" in printed
