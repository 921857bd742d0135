"""Where the files of a Ray run come from, and how a task gets at them."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from got_loaders import ReadOptions
from got_loaders.errors import SourceError, SourceRefusedError
from got_loaders.ray.storage import FileFetcher, list_sources
from got_loaders.ray.storage.fetched_files import shared_files
from got_loaders.sources import Source
from tests.ray.storage_servers import FileServer, web_server

HERE = ReadOptions(url_hosts=["127.0.0.1"])


@pytest.fixture
def web() -> Iterator[FileServer]:
    """A web server with one PDF."""
    with web_server({"/a.pdf": b"%PDF- one"}) as server:
        yield server


def only(path: str, options: ReadOptions = HERE) -> Source:
    """The one source that a path stands for."""
    (source,) = list_sources(path, options)
    assert isinstance(source, Source)
    return source


def content(source: Source) -> bytes:
    """What is in the file of a source."""
    assert source.path is not None
    return source.path.read_bytes()


def test_local_paths_are_listed_as_the_loader_lists_them(tmp_path: Path) -> None:
    """A folder gives its PDFs and images in natural order; a relative path begins at the driver's
    folder, and keeps the name that the user gave it."""
    for name in ("p10.pdf", "p2.png", "notes.txt", ".hidden.pdf", "sub/p1.pdf"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"%PDF-")
    names = [s.name for s in list_sources("in", HERE, base=str(tmp_path)) if isinstance(s, Source)]
    assert names == [str(Path("in", name)) for name in ("p2.png", "p10.pdf", "sub/p1.pdf")]
    (found,) = list_sources("in/p*.png", HERE, base=str(tmp_path))
    assert isinstance(found, Source)
    assert found.path == tmp_path / "in/p2.png"
    (error,) = list_sources("nothing/*.pdf", HERE, base=str(tmp_path))
    assert isinstance(error, SourceError)


def sent(source: Source) -> Source:
    """The source as another process gets it."""
    received: Source = pickle.loads(pickle.dumps(source))
    return received


def test_a_local_file_is_read_where_it_is(tmp_path: Path) -> None:
    """Nothing is copied; a file that was changed since its pages were counted is not mixed up."""
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-")
    with FileFetcher(HERE) as files:
        local = files.fetch(only(str(path)))
        pinned = files.pinned(only(str(path)), local)
    assert (local.path, local.is_download) == (path, False)
    with FileFetcher(HERE) as files:
        assert files.fetch(sent(pinned)).version == local.version
        path.write_bytes(b"%PDF-1.7")
        with pytest.raises(SourceError, match="changed or removed while it was read"):
            files.fetch(pinned)
        path.unlink()
        assert files.fetch(pinned).version is None  # opening it says that there is none


def test_a_shared_folder_is_the_same_on_every_node(tmp_path: Path) -> None:
    """Nodes see a file of a shared folder under other device and inode numbers; its bytes and its
    time of change are what counts."""
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-")
    with FileFetcher(HERE) as files:
        pinned = files.pinned(only(str(path)), files.fetch(only(str(path))))
    (tmp_path / "copy.pdf").write_bytes(b"%PDF-")
    os.utime(tmp_path / "copy.pdf", ns=(0, path.stat().st_mtime_ns))
    (tmp_path / "copy.pdf").replace(path)
    with FileFetcher(HERE) as files:
        assert files.fetch(pinned).path == path


def test_a_download_serves_all_tasks_of_a_process(web: FileServer) -> None:
    """A document that is split over several tasks of a process is downloaded once; one that is
    listed anew is downloaded as it is then."""
    source = only(f"http://{web.address}/a.pdf")
    with FileFetcher(HERE) as files:
        first = files.fetch(source)
        assert files.fetch(source).path == first.path
        pinned = files.pinned(source, first)
        assert content(first) == b"%PDF- one"
        assert (first.name, first.is_download, first.file_name) == (source.name, True, "a.pdf")
    web.files["/a.pdf"] = b"%PDF- two"
    with FileFetcher(HERE) as files:
        assert files.fetch(sent(pinned)).path == first.path
        assert web.asked == ["GET /a.pdf"]
        assert content(files.fetch(pinned)) == b"%PDF- one"
    with FileFetcher(HERE) as files:
        assert content(files.fetch(source)) == b"%PDF- two"
    assert web.asked == ["GET /a.pdf"] * 2


def test_a_download_that_differs_on_the_next_node_is_refused(web: FileServer) -> None:
    """A task that has to download again gets the content that the pages were counted in, or none:
    half of one document and half of another are never put together."""
    source = only(f"http://{web.address}/a.pdf")
    with FileFetcher(HERE) as files:
        pinned = files.pinned(source, files.fetch(source))
    other = ReadOptions(url_hosts=["127.0.0.1", "::1"])  # which shares nothing, as another node
    with FileFetcher(other) as files:
        assert content(files.fetch(pinned)) == b"%PDF- one"
    web.files["/a.pdf"] = b"%PDF- two"
    other = ReadOptions(url_hosts=["127.0.0.1", "::2"])
    with (
        FileFetcher(other) as files,
        pytest.raises(SourceError, match="changed or removed while it was read"),
    ):
        files.fetch(pinned)


def test_fetched_files_are_kept_while_there_is_room(
    web: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task holds the last file, and as many before it as there is room for, as do later tasks."""
    monkeypatch.setattr("got_loaders.ray.storage.fetched_files.MAX_BYTES", 20)
    monkeypatch.setattr("got_loaders.ray.storage.fetcher.MAX_BYTES", 20)
    web.files |= {f"/{number}.pdf": b"%PDF- " + bytes(4) for number in range(4)}
    web.files["/large.pdf"] = bytes(100)
    sources = [only(f"http://{web.address}/{n}.pdf") for n in (*range(4), "large")]
    with FileFetcher(HERE) as files:
        paths = [files.fetch(source).path for source in sources]
        assert [path is not None and path.exists() for path in paths] == [
            False,
            False,
            True,
            True,
            True,
        ]
    assert paths[-1] is not None
    assert paths[-1].exists()
    with FileFetcher(HERE) as files:
        assert [content(files.fetch(source)) for source in sources] == [
            web.files[f"/{n}.pdf"] for n in (*range(4), "large")
        ]
    assert not paths[-1].exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_has_files_of_its_own(web: FileServer) -> None:
    """It does not remove what its parent has fetched."""
    source = only(f"http://{web.address}/a.pdf")
    with FileFetcher(HERE) as files:
        local = files.fetch(source)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                shared_files().give_back(shared_files().add("x", _new))
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        assert content(local) == b"%PDF- one"


def _new(folder: Path) -> Path:
    (folder / "new").write_bytes(b"new")
    return folder / "new"


def test_urls_keep_to_their_rules(web: FileServer) -> None:
    """A host that is not public is not asked, and a missing file is an error with its name."""
    source = only(f"http://{web.address}/missing.pdf")
    with FileFetcher(ReadOptions()) as files, pytest.raises(SourceRefusedError):
        files.fetch(source)
    assert web.asked == []
    with FileFetcher(HERE) as files, pytest.raises(SourceError, match="404") as caught:
        files.fetch(source)
    assert caught.value.source == source.name
