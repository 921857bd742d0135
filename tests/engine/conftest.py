"""Checkpoints, references and engines that several test modules share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.model.checkpoint import TINY
from tests.engine.checkpoints import save_random_checkpoint
from tests.engine.fakes import nothing_compiled
from tests.engine.reference import Reference

REFERENCES: list[Reference] = []


@pytest.fixture(scope="session")
def random_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second checkpoint's folder."""
    folder = tmp_path_factory.mktemp("checkpoint") / "random"
    save_random_checkpoint(folder)
    return folder


@pytest.fixture(scope="session", params=["tiny", "random"])
def checkpoint(request: pytest.FixtureRequest) -> Path:
    """The folder of each of the two checkpoints in turn."""
    if request.param == "tiny":
        return TINY
    folder: Path = request.getfixturevalue("random_folder")
    return folder


@pytest.fixture(scope="session")
def reference(checkpoint: Path) -> Reference:
    """transformers' own reading of the checkpoint."""
    REFERENCES.append(Reference(checkpoint))
    return REFERENCES[-1]


@pytest.fixture(scope="session", params=["numba", "no numba"])
def engine(request: pytest.FixtureRequest, checkpoint: Path) -> Iterator[LocalEngine]:
    """One engine of the checkpoint, with numba's help and without."""
    config = EngineConfig(model=str(checkpoint), device="cpu", max_queued=200)
    if request.param == "numba":
        pytest.importorskip("numba")
        with LocalEngine(config) as engine:
            yield engine
        return
    with nothing_compiled():
        plain = LocalEngine(config)
    with plain as engine:
        yield engine


@pytest.fixture(scope="session")
def tiny_engine() -> Iterator[LocalEngine]:
    """One engine of the embedded checkpoint."""
    with LocalEngine(EngineConfig(model="tiny", device="cpu")) as engine:
        yield engine


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report the near ties that parity counted, beside the test results."""
    for reference in REFERENCES:
        ties = len(reference.near_ties)
        terminalreporter.write_line(f"parity with {reference.folder.name}: {ties} near ties")
