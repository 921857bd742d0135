"""What dies in the middle of a read on a cluster, and what becomes of the pages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytest.importorskip("ray", reason="Ray is not installed: pip install 'got-loaders[ray]'")

from got_loaders import GotOcrLoader
from got_loaders.errors import EngineError, UnsupportedSourceError
from got_loaders.ray import read_dataset
from got_loaders.testing import FakeEngine
from tests.ray.faulty import FaultyEngines, tiff

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray's sockets and processes
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def ids_of_loader(paths: object, **options: Any) -> list[str]:
    """What the loader calls the Documents of these files, in the order of their ids."""
    loader = GotOcrLoader(paths, engine=FakeEngine(), on_error="keep", **options)
    return sorted(document.id or "" for document in loader.load())


def texts(rows: list[dict[str, Any]]) -> Counter[str]:
    """How often each text was read."""
    return Counter(row["text"] for row in rows if row["error"] is None)


def places_of_errors(rows: list[dict[str, Any]]) -> list[tuple[str, int | None]]:
    """The files and pages that failed."""
    return [(Path(row["source"]).name, row["page"]) for row in rows if row["error"] is not None]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two files of 20 and 12 pages."""
    folder = tmp_path / "archive"
    folder.mkdir()
    tiff(folder / "a.tiff", range(20))
    tiff(folder / "b.tiff", range(20, 32))
    return folder


def test_every_page_is_there_once_whatever_process_is_killed(cluster: Any, archive: Path) -> None:
    """Processes that render and read are killed, an engine dies, one page kills all: that one is a
    row with an error, and each other page is read."""
    engines = FaultyEngines(archive.parent, kills={5: 1, 26: 99}, deaths={11: 1}, renderers=(2,))
    rows = read_dataset(archive, engine=engines, engines=2, pages_per_task=4).take_all()
    assert sorted(row["id"] for row in rows) == ids_of_loader(archive)
    assert places_of_errors(rows) == [("b.tiff", 6)]
    assert "the engine's process died" in next(row["error"] for row in rows if row["error"])
    assert texts(rows) == Counter(str(number) for number in range(32) if number != 26)
    assert engines.asked[26] <= 3


def test_a_file_that_kills_the_engine_is_a_row(cluster: Any, archive: Path) -> None:
    """Where files are read as a whole, one that kills the engine's process each time is one row,
    and so is one that can't be fetched."""
    (archive / "broken.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 8)
    engines = FaultyEngines(archive.parent, kills={22: 99})
    paths = [archive, "http://127.0.0.1:9/d.pdf"]
    rows = read_dataset(paths, engine=engines, mode="single").take_all()
    assert sorted(row["id"] for row in rows) == ids_of_loader(paths, mode="single")
    failed = ["b.tiff", "broken.pdf", "d.pdf"]
    assert sorted(places_of_errors(rows)) == [(name, None) for name in failed]


def test_pages_that_cannot_be_rendered_are_a_row(cluster: Any, archive: Path) -> None:
    """Each range of pages of a file that is removed, or changed, once its pages were counted is one
    row that says so, and so is a page that needs more memory than it may; all others are read."""
    Image.new("L", (9000, 9000), 255).save(archive / "large.png")
    tiff(archive / "c.tiff", range(32, 40))
    changed, removed = archive / "b.tiff", archive / "c.tiff"
    engines = FaultyEngines(archive.parent, changed=(changed,), removed=(removed,))
    rows = read_dataset(
        archive, engine=engines, pages_per_task=4, max_page_bytes=60_000_000
    ).take_all()
    assert texts(rows) == Counter(str(number) for number in range(20))
    places = [("b.tiff", 0), ("b.tiff", 4), ("b.tiff", 8), ("c.tiff", 0), ("c.tiff", 4)]
    assert sorted(places_of_errors(rows)) == [*places, ("large.png", 0)]
    assert len({row["id"] for row in rows}) == len(rows)
    errors = {Path(row["source"]).name: row["error"] for row in rows if row["error"]}
    assert "changed" in errors["b.tiff"]
    assert "no such file" in errors["c.tiff"]
    assert "memory" in errors["large.png"]


def test_what_is_wrong_with_all_pages_ends_the_run(cluster: Any, archive: Path) -> None:
    """An engine that can't be made, one that never reads, and a page's error where that is asked
    for are raised, and say what happened."""
    with pytest.raises(Exception, match="there are no weights here"):
        read_dataset(archive, engine=engine_without_weights).take_all()
    with pytest.raises(Exception, match="Connection refused"):
        read_dataset(archive, engine="http://127.0.0.1:9").take_all()
    (archive / "c.pdf").write_bytes(b"no PDF")
    with pytest.raises(UnsupportedSourceError, match=r"c\.pdf: it is neither a PDF nor an image"):
        read_dataset(archive, engine=FaultyEngines(archive.parent), on_error="raise").take_all()


@pytest.mark.slow
def test_a_node_that_is_lost(cluster: Any, archive: Path) -> None:
    """What was on a node that goes is made again elsewhere: its pages, and its engine."""
    tiff(archive / "c.tiff", range(32, 200))
    node = cluster.add_node(num_cpus=4, object_store_memory=100_000_000)
    engines = FaultyEngines(archive.parent, kills={150: 1})
    rows: list[dict[str, Any]] = []
    for row in read_dataset(archive, engine=engines, engines=3, pages_per_task=4).iter_rows():
        rows.append(row)
        if len(rows) == 8:
            cluster.remove_node(node, allow_graceful=False)
    assert sorted(row["id"] for row in rows) == ids_of_loader(archive)
    assert texts(rows) == Counter(map(str, range(200)))


@pytest.mark.slow
def test_an_engine_that_never_reads_ends_the_run(cluster: Any, archive: Path) -> None:
    """An engine that stops at every page, as on a broken GPU, does not make errors of them all."""
    engines = FaultyEngines(archive.parent, deaths=dict.fromkeys(range(32), 99))
    with pytest.raises(Exception, match=r"died \d+ times and read nothing; the last time: page"):
        read_dataset(archive, engine=engines).take_all()


def engine_without_weights() -> FakeEngine:
    """Fails."""
    raise EngineError("there are no weights here")
