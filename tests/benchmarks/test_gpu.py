"""The GPU benchmark, rehearsed on the CPU: what it counts and prints, not how fast anything is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import GotOcr2ForConditionalGeneration

from benchmarks import _pace
from benchmarks._exactness import Answer, Check, Difference, differences
from benchmarks._floor import Ceilings, Floor, Work, floor_of, prefill_flops, vision_flops
from benchmarks._inside import Said, ways_of
from benchmarks._pace import Pace
from benchmarks._steady import Deadline, Pages
from benchmarks._ways import Setup
from benchmarks.gpu import in_order, main
from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.kv_cache.paged_attention import paged_attention
from got_loaders.engine.runner import decode_backends
from got_loaders.types import OcrRequest
from tests.engine.checkpoints import config, tokenizer
from tests.engine.fakes import nothing_compiled
from tests.engine.test_cuda_graphs import Recorder
from tests.engine.test_paged_cache import varlen_attn

CPU = ["--device", "cpu", "--model", "tiny", "--dtype", "float32", "--submitters", "2"]
FLOOR = Floor(vision=1e-3, prefill=1e-3, decode=1e-3, step=1e-3)


@contextmanager
def like_a_gpu() -> Iterator[None]:
    """The paged cache and recorded steps, through the stand-ins that their own tests use."""
    paged = partial(paged_attention, varlen_attn=varlen_attn)
    with (
        patch.object(decode_backends, "paged_attention", paged),
        patch.object(decode_backends, "capture_cuda_graph", Recorder),
        nothing_compiled(),
    ):
        yield


@pytest.mark.slow
def test_a_rehearsal_measures_and_compares(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every part runs: tokens equal generate's in all ways, cells have a pace and a floor."""
    path = tmp_path / "results.json"
    options = "--tokens 3,4 --flight 1,2 --check-pages 2 --check-tokens 3 --json"
    with like_a_gpu():
        assert main([*CPU, *options.split(), str(path)]) == 0
    printed = capsys.readouterr().out
    assert "| tokens a page | in flight |" in printed
    assert "| 4 | 1, recipe |" in printed
    results = json.loads(path.read_text())
    assert [check["as_alone"] for check in results["checks"]] == [2] * 6
    assert [check["differences"] for check in results["checks"]] == [[]] * 6
    ways = [check["ways"] for check in results["checks"]]
    assert ways[0] == ways[1]
    assert ways[0].startswith("PagedCache, CUDA graphs for 1")
    assert ways[2:] == ["PagedCache, no CUDA graphs"] * 2 + ["RowCache, no CUDA graphs"] * 2
    assert any("made to fail by the benchmark" in line for line in results["log"])
    assert results["ways"].startswith("PagedCache, CUDA graphs for 1")
    assert [(cell["tokens"], cell["flight"]) for cell in results["cells"]] == [
        (3, 1), (3, 2), (4, 1), (4, 2)
    ]  # fmt: skip
    for cell in results["cells"]:
        assert (cell["whole"], cell["short"]) == (True, 0)
        assert cell["pages"] == 4
        assert min(cell["floor"].values()) > 0
        assert cell["pages_per_second"] * cell["tokens"] == pytest.approx(cell["tokens_per_second"])
        assert cell["over_recipe"] > 0


def test_without_time_the_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """A run that is over at once still prints its ceilings and its table."""
    options = "--tokens 3 --flight 1,2 --seconds 0 --check-pages 0"
    assert main([*CPU, *options.split()]) == 0
    printed = capsys.readouterr().out
    assert "GB/s copied" in printed
    assert "| 3 | 2 | no time |" in printed


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA GPU")
def test_without_a_gpu_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The default device is a GPU; where there is none the exit status is 2."""
    assert main([]) == 2
    assert "no CUDA GPU" in capsys.readouterr().err


def test_the_formulas_are_what_torch_counts() -> None:
    """Where windows need no padding, vision is counted to the operation; so is a lone token."""
    small: Any = config(tokenizer())
    small.vision_config.window_size = 16
    with torch.device("meta"):
        model: Any = GotOcr2ForConditionalGeneration(small).model
        pixels, hidden = torch.empty(1, 3, 256, 256), torch.empty(1, 1, 64)
    counted = FlopCounterMode(display=False)
    with torch.no_grad(), counted:
        model.multi_modal_projector(model.vision_tower(pixels).last_hidden_state)
    assert vision_flops(small) == counted.get_total_flops()
    with torch.no_grad(), counted:
        model.language_model(inputs_embeds=hidden)
    head = 2 * small.text_config.vocab_size * small.text_config.hidden_size
    assert prefill_flops(small, 1) == counted.get_total_flops() + head
    assert 50 * prefill_flops(small, 1) < prefill_flops(small, 100) < 110 * prefill_flops(small, 1)


def test_a_floor_is_operations_and_bytes_over_the_ceilings() -> None:
    """More pages in flight share the weights, not the keys and values."""
    work = Work(vision=200, prefill=100, weights=1000, kv=2, prompt=20)
    ceilings = Ceilings(bandwidth=10, flops=100)
    one, four = (floor_of(work, ceilings, tokens=11, flight=flight) for flight in (1, 4))
    assert (one.vision, one.prefill) == (2, 1)
    assert one.step == (1000 + 2 * (20 + 5.5)) / 10
    assert one.decode == 10 * one.step
    assert four.step == (1000 + 4 * 2 * (20 + 5.5)) / 10
    assert four.page == pytest.approx(3 + 10 * four.step / 4)


def test_what_rounding_explains_is_not_wrong() -> None:
    """A first difference counts as wrong by how far generate's two best logits lie apart there."""
    answer = Answer((1, 2, 3), (0.5, 1e-5, 0.01))
    theirs = dict.fromkeys(range(4), answer)
    ours = {0: (1, 2, 3), 1: (1, 9, 9), 2: (1, 2, 9), 3: (1, 2)}
    found = tuple(differences(ours, theirs))
    assert found == (Difference(1, 1, 1e-5), Difference(2, 2, 0.01), Difference(3, 2, None))
    check = Check(name="", dtype="float32", ways="", pages=4, differences=found, as_alone=0)
    assert check.wrong == found[1:]


def test_the_most_telling_cells_come_first() -> None:
    """800 tokens with 64 and 256 pages in flight, then the rest of that length, then the others."""
    order = in_order([200, 800], [1, 64, 256])
    assert order[:3] == [(800, 64), (800, 256), (800, 1)]
    assert sorted(order) == [(t, f) for t in (200, 800) for f in (1, 64, 256)]


def test_pages_differ() -> None:
    """However many pages are drawn, no two are the same picture."""
    pages = Pages(drawn=2)
    assert len({pages.draw().tobytes() for _ in range(9)}) == 9


def test_a_cell_that_fails_leaves_the_others(tmp_path: Path) -> None:
    """A shortage of memory is a line of the table, and so is any other error."""
    setup = Setup(folder=tmp_path, device="cpu", dtype="float32")
    later = Deadline(float("inf"))
    full = torch.OutOfMemoryError("CUDA out of memory")
    with Pace(setup, most=2, submitters=1, floor=lambda tokens, flight: FLOOR) as pace:
        with patch.object(_pace, "LocalEngine", side_effect=full):
            assert "out of memory" in pace.measure(5, 2, None, later)
        assert "failed: " in pace.measure(5, 1, None, later)
        assert [cell["flight"] for cell in pace.values] == [2, 1]
        assert "| 5 | 2 | out of memory |" in pace.table({})


def test_the_ways_of_an_engine_are_seen() -> None:
    """The cache in use and the recorded batch sizes are named, and what is logged is kept."""
    config = EngineConfig(model="tiny", device="cpu")
    with Said() as said, nothing_compiled(), LocalEngine(config) as engine:
        engine.submit(OcrRequest(images=(Pages(drawn=1).draw(),), max_new_tokens=2)).result()
        assert str(ways_of(engine)) == "RowCache, no CUDA graphs"
    assert said.lines == []
