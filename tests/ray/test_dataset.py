"""A dataset on a real cluster of two nodes: the same as the loader's Documents."""

# ruff: noqa: E402  # without Ray nothing more is imported

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pymupdf
import pytest

pandas = pytest.importorskip("pandas")
pytest.importorskip("ray", reason="Ray is not installed: pip install 'got-loaders[ray]'")

import pyarrow.dataset
from langchain_core.documents import Document

from got_loaders import EngineConfig, GotOcrLoader, ReadOptions
from got_loaders.errors import OptionError
from got_loaders.ray import read_dataset, to_langchain, to_llama_index
from got_loaders.ray.settings import EngineSpec, ReadPlan
from got_loaders.testing import FakeEngine
from tests.ray.conftest import fake_engine
from tests.server.documents import encrypted_pdf, make_pdf, says_number
from tests.server.running import running_server

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray's sockets and processes
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

LONG = 300


def numbering_engine() -> FakeEngine:
    """An engine that says which page it is shown; made on the workers."""
    return FakeEngine(says_number)


def scan(path: Path, words: list[str], **save: Any) -> None:
    """A PDF with a picture a page: one line in large type on each, or none."""
    with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # it has no types
        for text in words:
            page = document.new_page(width=595, height=842)
            if text:
                page.insert_image(page.rect, stream=picture(text))
        document.save(path, **save)


@cache
def picture(text: str) -> bytes:
    """A PNG of an A4 sheet with this line."""
    with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # it has no types
        page = document.new_page(width=595, height=842)
        page.insert_text((45, 90), text, fontname="cour", fontsize=36)
        data: bytes = page.get_pixmap(dpi=100, colorspace="gray").tobytes("png")
    return data


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty PDFs: one of 300 pages, two that are broken, one with a password, one empty."""
    folder = tmp_path_factory.mktemp("archive")
    for number in range(35):
        scan(folder / f"scan {number}.pdf", [f"Page {number}"] + ["Bill 7"] * (number % 3))
    blank = [""] * LONG
    for number in range(0, LONG, 25):
        blank[number] = f"Part {number}"
    scan(folder / "long.pdf", blank)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 8)
    whole = (folder / "scan 1.pdf").read_bytes()
    (folder / "cut.pdf").write_bytes(whole[: len(whole) // 3])
    (folder / "empty.pdf").write_bytes(b"")
    scan(
        folder / "locked.pdf",
        ["Secret"],
        encryption=5,  # AES of 256 bits
        user_pw="open",
        owner_pw="owner",
    )
    assert len(list(folder.iterdir())) == 40
    return folder


def by_id(documents: Iterable[Document]) -> dict[str | None, tuple[str, dict[str, Any]]]:
    """Texts and metadata; no id stands there twice."""
    listed = list(documents)
    found = {each.id: (each.page_content, each.metadata) for each in listed}
    assert len(found) == len(listed)
    return found


def test_a_cluster_reads_what_the_loader_reads(cluster: Any, archive: Path, tmp_path: Path) -> None:
    """By the tiny model, 40 PDFs: ids, texts and metadata are equal, errors are rows.

    Written to Parquet, they are so for pandas, pyarrow, LangChain and LlamaIndex.
    """
    asked: Any = {"model": "tiny", "max_new_tokens": 40, "dpi": 36}  # small pages are quick
    dataset = read_dataset(archive, **asked)
    dataset.write_parquet(str(tmp_path / "rows"))
    loader = GotOcrLoader(archive, on_error="keep", **asked)
    loaded = by_id(loader.load())
    assert by_id(to_langchain(tmp_path / "rows")) == loaded
    failed = {meta["source"] for _, meta in loaded.values() if "error" in meta}
    assert {Path(source).name for source in failed} == {
        "broken.pdf",
        "cut.pdf",
        "empty.pdf",
        "locked.pdf",
    }
    assert any(text == "Page 3" for text, _ in loaded.values())
    nodes = list(to_llama_index(tmp_path / "rows"))
    assert {node.id_: node.text for node in nodes} == {i: text for i, (text, _) in loaded.items()}
    table = pyarrow.dataset.dataset(tmp_path / "rows").to_table()
    frame = pandas.read_parquet(tmp_path / "rows")
    for rows in (table, frame):
        assert by_id(to_langchain(rows)) == loaded


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scans that the fake engine tells apart, of up to 9 pages, one of which is blank."""
    folder = tmp_path_factory.mktemp("bars")
    for number, pages in enumerate((1, 9, 3, 1)):
        (folder / f"{number}.pdf").write_bytes(make_pdf(pages, blank=(2,)))
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 no more")
    return folder


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "single"},
        {"mode": "region", "regions": [(0, 0, 200, 200), (0, 200, 400, 400)]},
        {"multi_page": 2, "output": "html"},
        {"pages": "2,1", "on_error": "skip"},
        {"drop_blank": True, "omit_metadata": ()},
    ],
    ids=lambda options: "-".join(options),
)
def test_all_options_mean_the_same(cluster: Any, bars: Path, options: dict[str, Any]) -> None:
    """A file is split among tasks, and its pages' rows are those of a read in one process."""
    dataset = read_dataset(bars, engine=numbering_engine, pages_per_task=4, **options)
    asked = {"on_error": "keep", **options}
    loader = GotOcrLoader(bars, engine=numbering_engine(), **asked)
    assert by_id(to_langchain(dataset)) == by_id(loader.load())


def test_paths_begin_where_the_program_runs(
    cluster: Any, bars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path means the driver's folder on every worker, and is named as it was given."""
    monkeypatch.chdir(bars.parent)
    paths = [f"{bars.name}/[02].pdf", Path(bars.name, "3.pdf")]
    rows = read_dataset(paths, engine=numbering_engine).take_all()
    assert {row["source"] for row in rows} == {f"{bars.name}/{n}.pdf" for n in (0, 2, 3)}
    assert {row["total_pages"] for row in rows} == {1, 3}


def test_a_server_may_be_the_engine(cluster: Any, bars: Path) -> None:
    """The workers have no model: they render, and ask the server that the URL names."""
    engine = numbering_engine()
    with running_server(engine) as server:
        dataset = read_dataset(bars, engine=server.url, pages_per_task=4, engines=2)
        rows = by_id(to_langchain(dataset))
    loader = GotOcrLoader(bars, engine=numbering_engine(), on_error="keep")
    assert rows == by_id(loader.load())
    assert len(engine.requests) == 12  # 14 pages, two of which are blank


def test_encrypted_files_open_by_a_variable(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is read where it is needed; without it there is a row that says so."""
    (tmp_path / "locked.pdf").write_bytes(encrypted_pdf("open"))
    (row,) = read_dataset(tmp_path, engine=numbering_engine).take_all()
    assert "password" in row["error"]
    plan = ReadPlan(ReadOptions(), EngineSpec("http://gpu"), 4, password_env="GOT_TEST_PASSWORD")
    with pytest.raises(OptionError, match="no such variable"):
        plan.enter()
    monkeypatch.setenv("GOT_TEST_PASSWORD", "open")
    assert plan.enter().password == "open"


def test_a_model_that_is_not_there_ends_the_run(cluster: Any, bars: Path) -> None:
    """With its own message, and not a page is read."""
    dataset = read_dataset(bars, model=str(bars / "no-model"), engine_options={"num_cpus": 1})
    with pytest.raises(Exception, match="no-model"):
        dataset.take_all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"engine": FakeEngine("")}, "an engine can't be sent to other machines"),
        ({"engine": fake_engine, "model": "tiny"}, "exclude each other"),
        ({"progress": True}, "Ray shows the progress"),
        ({"password": "open"}, "password_env="),
        ({"password_env": ""}, "a variable's name"),
        ({"engines": 0}, "at least 1"),
        ({"engines": (3, 2)}, "the first is more than the second"),
        ({"pages_per_task": 0}, "pages_per_task"),
        ({"pages_in_flight": -1}, "pages_in_flight"),
        ({"paths": b"%PDF"}, "write it to storage first"),
        ({"paths": io.StringIO("scan.pdf")}, "write it to storage first"),
        ({"paths": [io.BytesIO()]}, "write it to storage first"),
        ({"paths": []}, "there are none"),
        ({"max_page": 3}, "max_pages"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_what_makes_no_sense_is_refused_by_name(arguments: dict[str, Any], message: str) -> None:
    """At the call, before anything is sent to a cluster."""
    paths = arguments.pop("paths", "scan.pdf")
    with pytest.raises(OptionError, match=message):
        read_dataset(paths, **arguments)


@pytest.mark.parametrize(
    ("engine", "resources", "pages"),
    [
        (EngineConfig(), {"num_gpus": 1}, 320),
        (EngineConfig(device=("cuda:0", "cuda:1")), {"num_gpus": 2}, 320),
        (EngineConfig(max_batch_size=64), {"num_gpus": 1}, 80),
        (EngineConfig(device="cpu"), {"num_cpus": 1}, 40),
        (EngineConfig(model="tiny"), {"num_cpus": 1}, 40),
        ("http://gpu:8000", {"num_cpus": 1}, 40),
        (fake_engine, {"num_cpus": 1}, 40),
    ],
)
def test_an_engine_asks_for_what_it_needs(
    engine: Any, resources: dict[str, float], pages: int
) -> None:
    """A GPU for the real model, none for a server; and a quarter more pages than it reads."""
    spec = EngineSpec.of(None, engine, ReadOptions())
    assert spec.default_resources == resources
    assert spec.pages_in_flight(resources.get("num_gpus", 0)) == pages
