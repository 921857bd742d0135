"""Mutated documents end in Documents or in errors of ours, within their limits."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

import got_loaders
from tests.fuzz.mutations import mutant
from tests.fuzz.running import at_most, outcome, resident_mb, workers
from tests.fuzz.seeds import SEEDS, seed_document

_log = logging.getLogger(__name__)

ROOT = Path(got_loaders.__file__).parents[1]
QUICK = len(SEEDS)
MANY = 5000
WARM = 200
MOST_GROWTH_MB = 150
MOST_WORKERS = 4
on_linux = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")


def known() -> list[int]:
    """The integers in ``known.txt`` that once found something."""
    lines = Path(__file__).with_name("known.txt").read_text(encoding="utf-8").splitlines()
    return [int(line.partition("#")[0]) for line in lines if line.partition("#")[0].strip()]


def failures(numbers: range) -> list[str]:
    """What is wrong with the outcomes of these mutants; every fourth is read from a file."""
    found = []
    for number in numbers:
        name, data = mutant(number)
        if number % 4 == 0:
            Path("mutant").write_bytes(data)
        try:
            became = outcome("mutant" if number % 4 == 0 else data, number)
        except Exception as error:
            found.append(f"mutant {number} ({name}): {type(error).__name__}: {error}")
        else:
            _log.info("mutant %d (%s): %s, %d lost", number, name, became.kind, became.lost)
    return found


@pytest.mark.parametrize("name", dict.fromkeys(SEEDS))
def test_a_seed_is_a_good_document(name: str) -> None:
    """Mutants differ from what can be read: else they would all fail at the first byte."""
    became = outcome(seed_document(name), 0, password="secret", regions=None)
    assert (became.kind, became.errors) == ("documents", ())


def test_an_integer_stands_for_a_mutant() -> None:
    """The same one in every process, whatever its hashes."""
    script = (
        "import hashlib; from tests.fuzz.mutations import mutant; "
        f"print(hashlib.sha256(b''.join(mutant(n)[1] for n in range({QUICK}))).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            capture_output=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_some_mutants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of every seed: results or errors fit to be shown, and an end to it."""
    monkeypatch.chdir(tmp_path)
    with at_most(200):
        assert failures(range(QUICK)) == []


@pytest.mark.parametrize("number", known())
def test_mutants_that_once_found_something(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What hung or killed a decoder before costs no more than its pages."""
    monkeypatch.chdir(tmp_path)
    assert failures(range(number, number + 1)) == []


@on_linux
@pytest.mark.slow
def test_thousands_of_mutants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is the end of this process, which does not grow, nor do its workers add up."""
    monkeypatch.chdir(tmp_path)
    found = failures(range(WARM))
    before = resident_mb()
    found += failures(range(WARM, MANY))
    assert found == []
    assert resident_mb() - before < MOST_GROWTH_MB
    assert len(workers()) <= MOST_WORKERS
