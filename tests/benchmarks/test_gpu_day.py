"""The first minutes on a GPU, rehearsed on the CPU: what is counted, kept and printed."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import GotOcr2ForConditionalGeneration

from benchmarks._checkpoint import save_checkpoint
from benchmarks._floor import Ceilings, Work, floor_of, prefill_flops, vision_flops
from benchmarks._inside import ways_of
from benchmarks._said import Said
from benchmarks.gpu_day import __main__ as gpu_day
from benchmarks.gpu_day import (
    attention,
    gpu_tests,
    pages,
    prefill,
    report,
    stage_process,
    step_profile,
)
from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.drafts import with_errors
from benchmarks.gpu_day.exactness import Answer, Check, Difference, differences
from benchmarks.gpu_day.results import Results
from benchmarks.gpu_day.settings import Settings, for_gpu, for_rehearsal
from benchmarks.gpu_day.stages import STAGES, Stage, limit_of
from benchmarks.gpu_day.steady import Pages
from benchmarks.gpu_day.step_profile import Kernel
from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.kv_cache.paged_attention import paged_attention
from got_loaders.engine.runner import decode_backends
from got_loaders.types import OcrRequest
from tests.engine.checkpoints import config, tokenizer
from tests.engine.fakes import nothing_compiled
from tests.engine.test_cuda_graphs import Recorder
from tests.engine.test_paged_cache import varlen_attn

ROOT = Path(__file__).parents[2]
LATER = Deadline.after(3600)
ABSENT = """
import sys

ABSENT = {
    "argcomplete", "certifi", "httpx", "langchain", "langchain_core", "llama_index", "markdown_it",
    "numba", "platformdirs", "psutil", "pydantic", "pygments", "pymupdf", "pytest",
}

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        absent = name.partition(".")[0] in ABSENT
        return None if absent else self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""
"""A ``sitecustomize`` after which these packages are not installed, in child processes neither."""


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


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of a rehearsal, with a checkpoint."""
    work = tmp_path_factory.mktemp("gpu day")
    made = for_rehearsal(work=work, out=work)
    save_checkpoint("tiny", made.checkpoint)
    return made


def runs(pid: int) -> bool:
    """Whether the process is there, and no mere entry that nobody has asked for its status."""
    ps: Any = importlib.import_module("psutil")  # it has no types
    try:
        status: str = ps.Process(pid).status()
    except ps.NoSuchProcess:
        return False
    return status != "zombie"


def stage(how: str) -> Stage:
    module = "tests.benchmarks.gpu_day_stages"
    share = 0.1 if how == "hangs" else 1  # it takes all of it
    return Stage(name=how, title=f"One that {how}", module=module, share=share, option=how)


def test_a_stage_that_fails_hangs_or_is_killed_leaves_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each has its end in the report, in words, beside what it had found until then."""
    hows = ("raises", "killed", "hangs", "skips", "works")
    with (
        patch.object(gpu_day, "STAGES", [stage(how) for how in hows]),
        patch.object(stage_process, "GRACE", 0.5),
        patch("signal.signal"),
    ):
        options = ["--dry", "--minutes", "3", "--out", str(tmp_path / "out")]
        arguments = gpu_day._options([*options])
        arguments.stages = hows
        with patch.object(gpu_day, "_options", lambda _: arguments):
            assert gpu_day.main([]) == 1
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    stages = results["stages"]
    assert [(name, found["status"]) for name, found in stages.items()] == [
        ("raises", "failed"),
        ("killed", "failed"),
        ("hangs", "stopped"),
        ("skips", "skipped"),
        ("works", "done"),
    ]
    assert stages["raises"]["why"] == "RuntimeError: CUDA error: an illegal | memory access"
    assert stages["killed"]["why"] == "killed by SIGSEGV"
    assert stages["skips"]["why"] == "pytest is not installed here"
    assert all(found["found"] == how for how, found in stages.items())
    assert not runs(stages["hangs"]["child"])  # nor does what a stage has started go on
    text = (tmp_path / "out" / "report.md").read_text()
    assert "## One that works\n\ndone" in text
    assert "stopped: it did not come to an end" in text
    assert "One that skips" in capsys.readouterr().out
    log = (tmp_path / "out" / "log.txt").read_text()
    assert "output of killed" in log
    assert "Traceback" in log


@pytest.mark.slow
def test_tests_go_on_after_one_that_broke_the_gpu_s_context(
    tmp_path: Path, settings: Settings
) -> None:
    """Those that follow it run in a process of their own, and what failed is said at the end."""
    (tmp_path / "test_two.py").write_text(
        "import os, pytest\n"
        "pytestmark = pytest.mark.gpu\n"
        "def test_breaks():\n"
        "    os.environ['BROKEN'] = '1'\n"
        "    raise RuntimeError('CUDA error: an illegal memory access was encountered')\n"
        "def test_follows():\n"
        "    assert 'BROKEN' not in os.environ\n"
    )
    found = Results(tmp_path / "found.json")
    with (
        patch.object(gpu_tests, "ROOT", tmp_path),
        patch.object(gpu_tests, "files_with_gpu_tests", lambda: [tmp_path / "test_two.py"]),
        patch.dict(os.environ, {"PYTHONPATH": str(ROOT)}),
        pytest.raises(RuntimeError, match="1 of 2 tests failed"),
    ):
        gpu_tests.run(settings, found, Deadline.after(120))
    outcomes = [
        (test["name"], test["outcome"]) for test in json.loads(found.path.read_text())["tests"]
    ]
    assert outcomes == [
        ("test_two.py::test_breaks", "failed"),
        ("test_two.py::test_follows", "passed"),
    ]


def test_what_a_stage_does_not_use_is_the_others() -> None:
    """Each gets its share of what is left, the last one all of it."""
    one, other = replace(stage("a"), share=30), replace(stage("b"), share=10)
    assert limit_of(one, [one, other], 80) == 60
    assert limit_of(other, [other], 79) == 79
    assert STAGES[-1].name == "training"
    names = [each.name for each in STAGES]
    assert all(names.index(each.needs) < names.index(each.name) for each in STAGES if each.needs)


def test_settings_reach_a_stage_s_process_as_they_are(tmp_path: Path) -> None:
    """What the command line of that process holds is the same again."""
    made = for_gpu("cuda:1", cores=16, work=tmp_path, out=tmp_path)
    assert Settings.from_json(made.to_json()) == made


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA GPU")
def test_without_a_gpu_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The default device is a GPU; where there is none the exit status is 2."""
    assert gpu_day.main(["--out", str(tmp_path)]) == 2
    assert "no CUDA GPU here; --dry" in capsys.readouterr().err


def test_a_stage_that_needs_another_brings_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Some of the stages can be asked for by name, and a name that is none is refused."""
    assert gpu_day._options(["--out", "x", "--stages", "prefill"]).stages == [
        "prefill",
        "checkpoint",
    ]
    with pytest.raises(SystemExit):
        gpu_day._options(["--out", "x", "--stages", "prefil"])
    assert "no such stage: prefil" in capsys.readouterr().err


def test_it_needs_torch_transformers_and_pillow_alone(tmp_path: Path, settings: Settings) -> None:
    """No PyMuPDF, platformdirs, httpx, pytest or framework: every stage can be imported without
    them, and pages are drawn and read; the training draws its own with Pillow."""
    code = f"""
import importlib, random
from benchmarks.gpu_day.stages import STAGES
from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.results import Results
from benchmarks.gpu_day.settings import Settings
from pathlib import Path
for stage in STAGES:
    importlib.import_module(stage.module)
from benchmarks.gpu_day import pages
settings = Settings.from_json({settings.to_json()!r})
results = Results(Path({str(tmp_path / "pages.json")!r}))
pages.run(settings, results, Deadline.after(60), "others")
from examples.train_tiny.layouts import Generator
from examples.train_tiny.pages import drawn_by
image = Generator(random.Random(0)).plain().page.render(1.0)
print(drawn_by(), image.size, image.getextrema())
"""
    (tmp_path / "sitecustomize.py").write_text(ABSENT)
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split("\n")[0].startswith("Pillow (")
    cells = json.loads((tmp_path / "pages.json").read_text())["cells"]
    assert all(cell["pages_per_second"] > 0 for cell in cells)


@pytest.mark.slow
def test_all_of_it_runs_on_a_cpu_without_those_packages(tmp_path: Path) -> None:
    """Every stage comes to its end, and says in words what a CPU or this machine can't."""
    (tmp_path / "sitecustomize.py").write_text(ABSENT)
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "benchmarks.gpu_day", "--dry", "--minutes", "12"]
    out = tmp_path / "out"
    ran = subprocess.run(
        [*command, "--out", str(out)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        timeout=900,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    stages = json.loads((out / "results.json").read_text())["stages"]
    assert {found["name"]: found["status"] for found in stages.values()} == {
        each.name: "skipped" if each.name == "tests" else "done" for each in STAGES
    }
    assert stages["tests"]["why"] == "pytest is not installed here"
    assert stages["training"]["drawn_by"] == "Pillow"
    assert sorted(path.name for path in out.iterdir()) == [
        "log.txt",
        "report.md",
        "results.json",
        "tiny.zip",
    ]
    assert "(what it found is in results.json only" not in (out / "report.md").read_text()


def test_pages_are_paced_without_drafts_and_with_them(tmp_path: Path, settings: Settings) -> None:
    """Each cell has a pace, a floor and the engine's ways; a draft changes no text."""
    results = Results(tmp_path / "pages.json")
    with like_a_gpu():
        pages.run(replace(settings, tokens=(12,)), results, LATER, "first")
    found = json.loads((tmp_path / "pages.json").read_text())
    cells = found["cells"]
    order = [(cell["flight"], cell["drafts"]) for cell in cells]
    assert order == [(4, False), (4, True), (1, False), (1, True)]
    assert found["ways"].startswith("PagedCache with torch's varlen_attn, CUDA graphs for 1")
    for cell in cells:
        assert (cell["whole"], cell["short"]) == (True, 0)
        assert min(cell["floor"].values()) > 0
        assert cell["pages_per_second"] * cell["tokens"] == pytest.approx(cell["tokens_per_second"])
        if cell["drafts"]:
            assert cell["differ"] == 0
            assert 0 < cell["compared"] <= cell["answered"]
            assert cell["accepted"] > 0
        else:
            assert cell["accepted"] == cell["rejected"] == 0
    assert "| 12 | 4 | off |" in "\n".join(report._pages(found))


def test_a_cell_that_fails_leaves_the_others(settings: Settings, tmp_path: Path) -> None:
    """A shortage of memory or of time is a line of the table, and so is any other error."""
    work, ceilings = pages.work_and_ceilings(settings)
    full = torch.OutOfMemoryError("CUDA out of memory")
    with pages.Pace(settings, work, ceilings) as pace:
        with patch.object(pages, "LocalEngine", side_effect=full):
            pace.measure(5, 2, LATER, drafts=False)
        with patch.object(pages, "LocalEngine", side_effect=ValueError("no | such model")):
            pace.measure(5, 1, LATER, drafts=False)
        pace.measure(5, 1, LATER, drafts=True)
        pace.measure(4, 1, Deadline.after(0), drafts=False)
    notes = [str(cell["note"]) for cell in pace.cells]
    assert notes[:3] == [
        "out of memory",
        "failed: ValueError: no | such model",
        "no texts to draft from",
    ]
    assert notes[3].startswith("no time: ")
    assert "| 5 | 1 | off | failed: ValueError: no \\| such model |" in "\n".join(
        report._pages({"cells": pace.cells})
    )


def test_a_step_is_taken_apart(settings: Settings, tmp_path: Path) -> None:
    """A profile of each kind names what runs in a step; prefills are timed beside their floor."""
    step_profile.run(settings, Results(tmp_path / "profile.json"), LATER)
    found = json.loads((tmp_path / "profile.json").read_text())
    for name in ("without", "drafted"):
        assert found[name]["kernels_per_step"] > 10
        assert len(found[name]["longest"]) == 10
    assert found["without"]["tokens_per_step"] == 1
    assert "Without drafts: " in "\n".join(report._profile(found))
    prefill.run(settings, Results(tmp_path / "prefill.json"), LATER)
    cells = json.loads((tmp_path / "prefill.json").read_text())["cells"]
    assert [cell["pages"] for cell in cells] == [1, 2]
    assert all(cell["s_per_page"] > 0 for cell in cells)


def test_what_a_gpu_waits_for_is_counted() -> None:
    """Kernels that overlap are busy once, and the time between two of them is a gap."""
    kernels = [Kernel("a", 0, 2), Kernel("b", 1, 3), Kernel("a", 5, 6), Kernel("c", 6, 7)]
    found: Any = step_profile.summary(kernels, steps=2)
    assert found["kernels_per_step"] == 2
    assert (found["step_s"], found["busy_s_per_step"]) == (3.5, 2.5)
    assert (found["gap_s_per_step"], found["longest_gap_s"]) == (1, 2)
    assert [each["kernel"] for each in found["longest"]] == ["a", "b", "c"]


def test_each_kernel_is_measured_or_says_why_not(settings: Settings, tmp_path: Path) -> None:
    """Bytes read a second, and how far from torch's attention it is, for 1 and more queries."""
    attention.run(settings, Results(tmp_path / "attention.json"), LATER)
    found = json.loads((tmp_path / "attention.json").read_text())
    own = [cell for cell in found["cells"] if cell["kernel"] == "row by row"]
    assert [cell["queries"] for cell in own] == [1, 8]
    for cell in own:
        assert cell["error"] == 0
        read = 2 * 70 * 2 * 16 * 64 * 4
        assert cell["bytes_per_second"] * cell["seconds"] == pytest.approx(read)
    others = [cell for cell in found["cells"] if cell["kernel"] != "row by row"]
    assert all(cell["note"] for cell in others)
    assert "| varlen_attn | 2 | 70 | 8 |" in "\n".join(report._attention(found))


def test_the_report_stands_whatever_a_stage_has_found() -> None:
    """A stage that ended before its first number has its section as well."""
    for each in STAGES:
        found = {"name": each.name, "title": each.title, "status": "failed", "why": "it broke"}
        assert "failed: it broke" in "\n".join(report.section(found))
    lines = [{"step": number} for number in range(50)]
    assert [line["step"] for line in report.thinned(lines)][-2:] == [44, 49]


def test_a_draft_has_some_words_changed() -> None:
    """Five in a hundred, others for another page, the same for the same."""
    text = " ".join(f"w{number}" for number in range(1000))
    one = with_errors(text, 0)
    changed = sum(a != b for a, b in zip(text.split(), one.split(), strict=True))
    assert 20 < changed < 90
    assert with_errors(text, 0) == one != with_errors(text, 1)


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


def test_pages_differ() -> None:
    """However many pages are drawn, no two are the same picture."""
    drawn = Pages(drawn=2)
    assert len({drawn.draw(number).tobytes() for number in range(9)}) == 9


def test_the_ways_of_an_engine_are_seen() -> None:
    """The cache in use and the recorded batch sizes are named, and what is logged is kept."""
    tiny = EngineConfig(model="tiny", device="cpu")
    with Said() as said, nothing_compiled(), LocalEngine(tiny) as engine:
        engine.submit(OcrRequest(images=(Pages(drawn=1).draw(0),), max_new_tokens=2)).result()
        assert str(ways_of(engine)) == "RowCache, no CUDA graphs"
    assert said.lines == []
