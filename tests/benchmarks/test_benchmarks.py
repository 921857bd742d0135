"""The engine benchmark compares like with like; how fast anything is, no test says."""

from __future__ import annotations

import json
import random
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import mean

import pytest
import torch
from PIL import Image

from benchmarks._checkpoint import muted_checkpoint
from benchmarks._measure import Agreement, agreement, complaints, measure
from benchmarks._ways import Read, Run, Setup, open_recipe
from benchmarks._workload import Job, lengths, make_jobs, sample
from benchmarks.decoding import main as decoding
from benchmarks.drafting import main as drafting
from benchmarks.engine import main
from benchmarks.step_parts import main as step_parts
from tests.engine.fakes import nothing_compiled

BLANK = Image.new("RGB", (10, 10))


def test_three_ways_read_the_same_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table has all three ways, and in float32 they write the same tokens on every page."""
    path = tmp_path / "results.json"
    options = "--pages 4 --mean 8 --batches 2,4 --device cpu --dtype float32 --json"
    assert main([*options.split(), str(path)]) == 0
    printed = capsys.readouterr().out
    for title in ("(a) recipe", "(b) generate, batches of 2", "batches of 4", "(c) LocalEngine"):
        assert title in printed
    assert "one page alone, 8 tokens" in printed
    results = json.loads(path.read_text())
    assert list(results["ways"]) == ["c", "b2", "b4", "a"]
    assert results["wrong"] == []
    assert len(results["ratios"]) == 3
    assert all(r["equal"] == r["pages"] == 4 for r in results["ratios"].values())


def test_a_sample_stands_for_all_pages() -> None:
    """A way that reads some of the pages is given the time of all, by the line through them."""
    jobs = make_jobs(4, 6, seed=1)
    with muted_checkpoint("tiny") as checkpoint:
        setup = Setup(folder=checkpoint.folder, device="cpu", dtype="float32")
        measured = measure(open_recipe, setup, sample(jobs, 2), jobs)
    assert measured is not None
    assert measured.line is not None
    assert len(measured.run.tokens) == 2
    assert measured.seconds == pytest.approx(measured.line.total(jobs))
    assert complaints("a", measured.run, jobs, checkpoint.end_tokens) == []


@pytest.mark.parametrize("pages", [2, 7, 64])
def test_one_page_in_six_is_long(pages: int) -> None:
    """Lengths have the mean that was asked for, one in six is long, and a seed repeats them."""
    tokens = lengths(pages, 300, seed=3)
    assert mean(tokens) == pytest.approx(300, abs=1)
    assert sum(length > 2 * 300 for length in tokens) == round(pages / 6)
    assert tokens == lengths(pages, 300, seed=3)
    assert pages == 2 or tokens != lengths(pages, 300, seed=4)


def test_pages_differ() -> None:
    """No two pages look the same."""
    images = {job.image.tobytes() for job in make_jobs(6, 8, seed=0)}
    assert len(images) == 6


@pytest.mark.parametrize("size", [2, 5, 63, 64])
def test_a_sample_is_spread_over_the_lengths(size: int) -> None:
    """It has the first page to arrive, keeps the order, and one of each part of the lengths."""
    ranks = random.Random(5).sample(range(64), 64)
    jobs = [Job(number, BLANK, rank) for number, rank in enumerate(ranks)]
    chosen = sample(jobs, size)
    assert chosen[0] is jobs[0]
    assert len({job.number for job in chosen}) == size
    assert chosen == sorted(chosen, key=lambda job: job.number)
    step = 64 / size
    places = enumerate(sorted(job.tokens for job in chosen))
    assert all(step * place - 1 < rank < step * (place + 1) for place, rank in places)


def test_what_differs_is_said() -> None:
    """Runs are compared on the pages that both have read; the first difference is named."""
    one = Run({0: (1, 2), 1: (3, 4, 5), 2: (6,)}, {})
    other = Run({0: (1, 2), 1: (3, 9, 5)}, {})
    assert agreement(one, other) == Agreement(1, 2, (1, 1))
    assert agreement(one, one) == Agreement(3, 3, None)


def test_wrong_lengths_are_said() -> None:
    """A page with too few tokens, or with an end among them, is reported."""
    jobs = [Job(0, BLANK, 2), Job(1, BLANK, 2), Job(2, BLANK, 2), Job(3, BLANK, 2)]
    run = Run({0: (7, 8), 1: (7,), 2: (7, 0)}, {})
    assert complaints("c", run, jobs, frozenset({0})) == [
        "(c), page 1: 1 of 2 tokens",
        "(c), page 2: an end token among its tokens",
    ]


def test_a_way_without_enough_memory_is_skipped(tmp_path: Path) -> None:
    """Out of memory gives no numbers; any other error is an error."""
    setup = Setup(folder=tmp_path, device="cpu", dtype="float32")
    jobs = [Job(0, BLANK, 2)]

    def full(_: Setup) -> AbstractContextManager[Read]:
        raise torch.OutOfMemoryError("CUDA out of memory")

    def broken(_: Setup) -> AbstractContextManager[Read]:
        raise RuntimeError("no such thing")

    assert measure(full, setup, jobs, jobs) is None
    with pytest.raises(RuntimeError, match="no such thing"):
        measure(broken, setup, jobs, jobs)


def test_a_compiled_step_is_timed_beside_torch_s(capsys: pytest.CaptureFixture[str]) -> None:
    """Each cell has both times, their ratio, and logits that agree."""
    pytest.importorskip("numba")
    assert decoding(["--rows", "1,5", "--tokens", "20", "--rounds", "2"]) == 0
    cells = [line.split("|")[1:-1] for line in capsys.readouterr().out.splitlines()[-2:]]
    assert [(int(cell[0]), int(cell[1])) for cell in cells] == [(1, 20), (5, 20)]
    assert all(float(cell[-1]) < 1e-4 for cell in cells)


def test_where_nothing_is_compiled_there_is_nothing_to_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It says so and fails."""
    with nothing_compiled():
        assert decoding(["--rows", "1", "--tokens", "5", "--rounds", "1"]) == 1
    assert "is numba installed?" in capsys.readouterr().out


def test_drafts_take_fewer_steps_and_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Pages alone, a few and a batch: with a draft that is mostly right a third of the steps."""
    assert drafting(["--tokens", "24", "--pages", "3", "--rounds", "1"]) == 0
    rows = [line.split("|") for line in capsys.readouterr().out.splitlines() if "of" in line]
    cells = [row for row in rows if len(row) == 10]
    assert [row[8].strip() for row in cells] == ["1 of 1", "3 of 3", "3 of 3"]
    assert all(int(row[4]) * 2 < int(row[3]) for row in cells)


def test_the_cost_of_a_step_is_told_by_rows_and_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    """As far as a step's positions go."""
    assert drafting(["--costs", "--tokens", "8", "--rounds", "1"]) == 0
    table = [line for line in capsys.readouterr().out.splitlines() if line[:3] in ("| 1", "| 8")]
    assert [line.count("×") for line in table] == [5, 3, 2]


def test_the_parts_of_a_step_are_timed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Products by positions, and attention by the tokens that a row brings."""
    small = ["--layers", "1", "--vocabulary", "9", "--tokens", "5", "--rounds", "1"]
    assert step_parts(small) == 0
    lines = capsys.readouterr().out.splitlines()
    names = {line.split("|")[1].strip() for line in lines if line.startswith("|")}
    assert {"layers", "output layer", "torch"} <= names
