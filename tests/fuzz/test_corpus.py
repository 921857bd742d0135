"""Real, awkward documents, cut off and with flipped bytes: Documents or errors of ours."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import pytest

from tests.fuzz.mutations import flipped, truncated
from tests.fuzz.running import outcome
from tests.pages.making import CORPUS

FILES = sorted(p for p in CORPUS.glob("*") if p.suffix != ".md") if CORPUS.is_dir() else []
TEN = range(10)
FLIPS = (1, 2, 3, 5, 8, 13, 20, 35, 60, 100)

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
pytestmark = pytest.mark.skipif(
    not FILES, reason="the corpus of awkward documents is not beside the repository"
)


def seed_of(path: Path) -> int:
    """A number that is always the same for a file's name."""
    return zlib.crc32(path.name.encode())


def became(data: bytes, number: int, path: Path, pages: int) -> None:
    """Read it; the integer that is named in a failure reproduces it."""
    try:
        outcome(data, number, password="openpassword", pages=slice(0, pages))
    except Exception as error:
        raise AssertionError(f"{path.name}, number {number}: {error}") from error


@each_file
def test_a_file_that_is_cut_off(path: Path) -> None:
    """At one point, which its name decides."""
    number = seed_of(path)
    became(truncated(path.read_bytes(), (0.5 + number % 10) / 10), number, path, 2)


@each_file
def test_a_file_with_flipped_bytes(path: Path) -> None:
    """Twenty of them are replaced."""
    number = seed_of(path) + 1
    became(flipped(path.read_bytes(), 20, random.Random(number)), number, path, 2)


@pytest.mark.slow
@each_file
def test_a_file_cut_off_at_ten_points(path: Path) -> None:
    """From nearly nothing to nearly all of it."""
    data = path.read_bytes()
    for point in TEN:
        became(truncated(data, (0.5 + point) / 10), seed_of(path) + point, path, 3)


@pytest.mark.slow
@each_file
def test_a_file_with_more_and_more_flipped_bytes(path: Path) -> None:
    """One to a hundred of them are replaced; none is the file as it is."""
    data = path.read_bytes()
    for count in (0, *FLIPS):
        number = seed_of(path) + count
        became(flipped(data, count, random.Random(number)), number, path, 3)
