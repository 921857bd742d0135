"""Files in storage, of whatever file system: listed and fetched as those of a machine are."""

from __future__ import annotations

import pickle
import traceback
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

fsspec = pytest.importorskip("fsspec")
arrow = pytest.importorskip("pyarrow.fs")

from fsspec import AbstractFileSystem  # noqa: E402
from fsspec.implementations.memory import MemoryFileSystem  # noqa: E402

from got_loaders import ReadOptions  # noqa: E402
from got_loaders.errors import (  # noqa: E402
    OptionError,
    SourceError,
    SourceRefusedError,
    UnsupportedSourceError,
)
from got_loaders.ray.storage import FileFetcher, list_sources  # noqa: E402
from got_loaders.ray.storage.file_systems import bucket_prefix, open_file_system  # noqa: E402
from got_loaders.ray.storage.uri import StorageURI  # noqa: E402
from got_loaders.sources import Source  # noqa: E402
from tests.pages import making  # noqa: E402
from tests.ray.conftest import fake_engine  # noqa: E402
from tests.ray.storage_servers import FileServer, s3_server  # noqa: E402

FILES = {
    "scans/page10.pdf": b"ten",
    "scans/page2.pdf": b"two",
    "scans/a#1.pdf": b"#1",
    "scans/a#2.pdf": b"#2",
    "scans/notes.txt": b"text",
    "scans/.hidden.pdf": b"hidden",
    "scans/2026/deep/50%25 b c.PNG": b"png",
    "scans/.git/x.pdf": b"hidden",
    "top.pdf": b"x" * 20_000_000,
}
FOUND = ["2026/deep/50%25 b c.PNG", "a#1.pdf", "a#2.pdf", "page2.pdf", "page10.pdf"]


@pytest.fixture(scope="module")
def s3() -> Iterator[FileServer]:
    """A server on this machine that speaks S3."""
    with s3_server(FILES) as server:
        yield server


@pytest.fixture
def memory() -> str:
    """A folder of fsspec's file system in memory."""
    root = f"{uuid.uuid4().hex}/in"
    fsspec.filesystem("memory").pipe({f"/{root}/{key}": FILES[key] for key in FILES})
    return root


@pytest.fixture(params=["s3", "memory", "fsspec", "subtree"])
def place(
    request: pytest.FixtureRequest, s3: FileServer, memory: str, tmp_path: Path
) -> tuple[str, str, object]:
    """Where ``FILES`` are: what URIs of it begin and end with, and a file system to pass."""
    if request.param == "s3":
        return "s3://KEY:SECRET@bucket/", query(s3), None
    if request.param == "memory":
        return f"memory://{memory}/", "", None
    if request.param == "fsspec":
        return f"{memory}/", "", fsspec.filesystem("memory")
    for key, content in FILES.items():
        if len(content) < 100:
            (tmp_path / "in" / key).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "in" / key).write_bytes(content)
    return "", "", arrow.SubTreeFileSystem(str(tmp_path / "in"), arrow.LocalFileSystem())


def query(server: FileServer) -> str:
    """What makes Arrow ask this server."""
    return f"?region=us-east-1&scheme=http&endpoint_override={server.address}"


def names(path: str, filesystem: object = None, **options: Any) -> list[str]:
    """What the files that a path stands for are called; an error raises."""
    found = list(list_sources(path, ReadOptions(**options), filesystem))
    for error in found:
        if isinstance(error, SourceError):
            raise error
    return [source.name for source in found if isinstance(source, Source)]


def content(source: Source, filesystem: object = None, **options: Any) -> bytes:
    """What is in a file, as a task gets it."""
    with FileFetcher(ReadOptions(**options), filesystem) as files:
        local = files.fetch(source)
        assert local.path is not None
        assert (local.name, local.is_download) == (source.name, True)
        return local.path.read_bytes()


def test_a_folder_in_storage_is_read_as_a_folder_of_a_machine(
    place: tuple[str, str, object],
) -> None:
    """PDFs and images below it, in natural order, hidden ones left out; each has the name that it
    was asked for by, without credentials, and can be read on another node."""
    begin, end, filesystem = place
    shown = begin.replace("KEY:SECRET@", "")
    found = list(list_sources(f"{begin}scans{end}", ReadOptions(), filesystem))
    assert len(found) == len(FOUND)
    for source, name in zip(found, FOUND, strict=True):
        assert isinstance(source, Source)
        assert source.name == f"{shown}scans/{name}"
        assert (str(source.inner), source.file_name) == (name, name.rpartition("/")[2])
        assert "SECRET" not in repr(source)
        assert len(sent := pickle.dumps(source)) < 1000
        assert content(pickle.loads(sent), filesystem) == FILES[f"scans/{name}"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("scans/page2.pdf", ["page2.pdf"]),
        ("scans/a#1.pdf", ["a#1.pdf"]),
        ("scans/2026/deep/50%2525%20b%20c.PNG", ["2026/deep/50%2525%20b%20c.PNG"]),
        ("scans/*.pdf", ["a#1.pdf", "a#2.pdf", "page2.pdf", "page10.pdf"]),
        ("scans/page?.pdf", ["page2.pdf"]),
        ("scans/**/*[gG]", ["2026/deep/50%25 b c.PNG"]),
        ("scans/.h*", [".hidden.pdf"]),
        ("sc*/20*", ["2026/deep/50%25 b c.PNG"]),
        ("scans/", FOUND),
    ],
)
def test_keys_and_patterns_are_found(
    place: tuple[str, str, object], path: str, expected: list[str]
) -> None:
    """A ``#``, a ``%`` and blanks belong to a key, encoded or not; wildcards match as in a shell,
    and a folder that matches stands for its files."""
    begin, end, filesystem = place
    shown = begin.replace("KEY:SECRET@", "")
    found = names(f"{begin}{path}{end}", filesystem)
    assert found == [f"{shown}scans/{name}" for name in expected]


def test_a_glob_chooses_the_files_of_a_folder(place: tuple[str, str, object]) -> None:
    """``glob=`` works in storage as it does on a machine."""
    begin, end, filesystem = place
    path = f"{begin}scans{end}"
    assert [name[-9:] for name in names(path, filesystem, glob="*.txt")] == ["notes.txt"]
    assert len(names(path, filesystem, glob="**/*.p*")) == 4
    with pytest.raises(SourceError, match=r"no files that match '\*\.tif' in this folder"):
        names(path, filesystem, glob="*.tif")
    with pytest.raises(OptionError, match="glob='"):
        names(path, filesystem, glob="../*")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("scans/none.pdf", "there is no such file or folder in this storage"),
        ("scans/none/", "there is no such file or folder in this storage"),
        ("none/*.pdf", "no file matches this pattern in this storage"),
        ("none[1].pdf", "there is no such file in this storage"),
        ("scans/../top.pdf", "'..' is not followed in storage"),
        ("scans/%2E%2E/top.pdf", "'..' is not followed in storage"),
    ],
)
def test_what_is_not_there_is_said(place: tuple[str, str, object], path: str, message: str) -> None:
    """A path that leads to nothing, or upwards, is an error with its name."""
    begin, end, filesystem = place
    with pytest.raises(SourceError) as caught:
        names(f"{begin}{path}{end}", filesystem)
    name = begin.replace("KEY:SECRET@", "") + path
    assert (caught.value.source, str(caught.value)) == (name, f"{name}: {message}")


def test_what_may_not_be_read_says_that_credentials_are_missing(s3: FileServer) -> None:
    """Neither the name nor the message repeats those that did not do."""
    with pytest.raises(SourceError, match="no permission; every node needs") as caught:
        names(f"s3://KEY:SECRET@closed/a.pdf{query(s3)}")
    assert caught.value.source == "s3://closed/a.pdf"
    assert "SECRET" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")  # all of them Ray's
@pytest.mark.usefixtures("cluster")
def test_a_cluster_reads_a_bucket() -> None:
    """Pages of a document in S3 are read by tasks on both nodes, of which each process asks for it
    once; what is missing is a row."""
    from got_loaders.ray import read_dataset

    document = making.pdf(*[f"page {number}" for number in range(24)])
    with s3_server({"in/a#1.pdf": document, "in/a#2.pdf": making.pdf("one")}) as server:
        paths = [f"s3://KEY:SECRET@b/{path}{query(server)}" for path in ("in", "none.pdf")]
        rows = read_dataset(paths, engine=fake_engine, pages_per_task=4).take_all()
        fetched = sum(line.startswith("GET /b/in/a%231.pdf") for line in server.asked)
    assert fetched <= 6
    assert Counter(row["source"] for row in rows) == {
        "s3://b/in/a#1.pdf": 24, "s3://b/in/a#2.pdf": 1, "s3://b/none.pdf": 1,
    }  # fmt: skip
    assert [row["source"] for row in rows if row["error"]] == ["s3://b/none.pdf"]
    assert len({row["id"] for row in rows}) == 26


def test_a_large_file_is_fetched_in_few_requests_and_within_the_limits(s3: FileServer) -> None:
    """Storages count requests: 20 MB take four. What is too large is not asked for at all; a task
    of the same process does not fetch it again."""
    (source,) = list_sources(f"s3://KEY:SECRET@bucket/top.pdf{query(s3)}", ReadOptions())
    assert isinstance(source, Source)
    s3.asked.clear()
    with pytest.raises(SourceRefusedError, match="more than max_file_bytes=1000"):
        content(source, max_file_bytes=1000)
    assert s3.asked == []
    with FileFetcher(ReadOptions()) as files:
        pinned = files.pinned(source, files.fetch(source))
    assert [line.split()[0] for line in s3.asked] == ["HEAD", "GET", "GET", "GET"]
    assert content(pickle.loads(pickle.dumps(pinned))) == FILES["top.pdf"]
    assert len(s3.asked) == 4


class Failing(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Breaks off in the middle of a file whose name tells how; it lies in memory else."""

    cachable = False
    protocol = "failing"
    find = AbstractFileSystem.find  # folder by folder

    def _open(self, path: str, *args: Any, **kwargs: Any) -> Any:
        file = super()._open(path, *args, **kwargs)
        if "short" in path:
            file.read = lambda size=-1: b"half" if not file.tell() and file.seek(1) else b""
        elif "break" in path:
            file.read = _break
        return file

    def ls(self, path: str, detail: bool = True, **kwargs: Any) -> Any:
        """Some folders can't be listed; some names are links."""
        if path.rstrip("/").endswith("secret"):
            raise PermissionError("/etc/of/this/machine")
        entries = super().ls(path, detail, **kwargs)
        return [e | {"type": "link"} if "link" in e["name"] else e for e in entries]


def _break(size: int = -1) -> bytes:
    raise OSError("the peer\nhas https://storage/?sig=abc '/opt/key' reset it")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("short.pdf", "the storage gave 4 of its 9 bytes"),
        ("break.pdf", "can't be fetched: the peer"),
        ("gone.pdf", "can't be fetched: it is not there"),
    ],
)
def test_a_storage_that_breaks_off_leaves_nothing(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    """A file that came half is an error with its name; it is not read, and not kept."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    system = Failing()
    system.pipe(f"/{memory}/{name}", b"nine byte")
    (source,) = list_sources(f"{memory}/{name}", ReadOptions(), system)
    assert isinstance(source, Source)
    if name == "gone.pdf":
        system.rm(f"/{memory}/{name}")
    with pytest.raises(SourceError, match=message) as caught:
        content(source, system)
    assert caught.value.source == source.name
    assert list(tmp_path.glob("*/*")) == []


def test_a_fetch_ends_when_its_time_is_up_or_nobody_wants_it(memory: str) -> None:
    """``max_url_seconds`` holds for storage too; a run that is stopped does not wait for a file."""
    (source,) = list_sources(f"memory://{memory}/top.pdf", ReadOptions())
    assert isinstance(source, Source)
    with pytest.raises(SourceError, match="not downloaded within max_url_seconds=1e-09"):
        content(source, max_url_seconds=1e-9)
    stopped = FileFetcher(ReadOptions(), stopped=lambda: True)
    with stopped as files, pytest.raises(SourceError, match="the download was stopped"):
        files.fetch(source)


def test_a_folder_that_is_closed_does_not_hide_the_others(memory: str) -> None:
    """The other folders are read; this one is an error, and not passed over without a word."""
    system = Failing()
    system.pipe({f"/{memory}/x/secret/a.pdf": b"a", f"/{memory}/x/open/b.pdf": b"b"})
    for path in ("x", "x/*/*.pdf", "x/**/*.pdf"):
        found = list(list_sources(f"{memory}/{path}", ReadOptions(), system))
        assert [type(item).__name__ for item in found] == ["StoredSource", "SourceError"]
        assert str(found[1]).startswith(f"{memory}/x/secret: can't be listed: no permission")


def test_links_are_followed_to_files_alone(memory: str) -> None:
    """As on SFTP: a link to a folder may lead in circles, and is passed over."""
    system = Failing()
    system.pipe({f"/{memory}/x/link.pdf": b"a", f"/{memory}/x/link/b.pdf": b"b"})
    assert names(f"{memory}/x", system) == [f"{memory}/x/link.pdf"]


def test_messages_of_others_are_cut_short(memory: str) -> None:
    """No signed query, no path of the machine and no second line gets into an error."""
    system = Failing()
    system.pipe(f"/{memory}/break.pdf", b"x")
    (source,) = list_sources(f"{memory}/break.pdf", ReadOptions(), system)
    assert isinstance(source, Source)
    with pytest.raises(SourceError) as caught:
        content(source, system)
    assert str(caught.value) == f"{source.name}: can't be fetched: the peer"


@pytest.mark.parametrize(
    ("uri", "name", "message"),
    [
        ("weird://host?x=1", "weird://host", "pass the file system as filesystem="),
        ("weird://host", "weird://host", "no file system is known for weird:"),
        ("local:///etc/a.pdf", "local:///etc/a.pdf", "is no storage"),
        ("az://c/a.pdf", "az://c/a.pdf", "needs another package, on every node"),
        ("s3://K:SEC/RET@b/a.pdf?x=SECRET", "s3://b/a.pdf", "a / in a password is written as %2F"),
        ("s3://b/a.pdf?token=SECRET", "s3://b/a.pdf", "Unexpected query parameter"),
        ("memory://a::file:/etc/a.pdf", "memory://a::file:/etc/a.pdf", "its host is malformed"),
        (
            "abfs://container/a.pdf",
            "abfs://container/a.pdf",
            "needs another package, on every node",
        ),
        ("ftp://u:SECRET@h/a?x=SECRET", "ftp://h/a", "pass the file system as filesystem="),
    ],
)
def test_a_storage_that_is_not_to_be_had_says_what_to_do(uri: str, name: str, message: str) -> None:
    """The error names the file as it was given, and no password of it."""
    with pytest.raises(SourceError, match=message) as caught:
        names(uri)
    assert caught.value.source == name
    assert "SEC" not in "".join(traceback.format_exception(caught.value))


def test_storage_is_read_only_where_urls_are(memory: str) -> None:
    """``urls=False`` and ``root=`` keep to the machine's own files; ``filesystem=`` keeps to it."""
    uri = f"memory://{memory}/top.pdf"
    assert names(uri) == [uri]
    with pytest.raises(SourceRefusedError, match="urls=False"):
        names(uri, urls=False)
    for filesystem in (None, fsspec.filesystem("memory")):
        with pytest.raises(SourceRefusedError, match="root="):
            names(uri, filesystem, root="scans")
    with pytest.raises(UnsupportedSourceError, match="not in the file system that was passed"):
        names("https://user:secret@example.org/a.pdf", fsspec.filesystem("memory"))
    assert names(uri, fsspec.filesystem("memory"), urls=False) == [uri]


@pytest.mark.parametrize("filesystem", [arrow.LocalFileSystem(), fsspec.filesystem("file")])
def test_the_file_system_of_a_machine_is_read_in_place(tmp_path: Path, filesystem: object) -> None:
    """Passing it changes nothing: no file is copied."""
    (tmp_path / "a.pdf").write_bytes(b"%PDF-")
    (source,) = list_sources(str(tmp_path), ReadOptions(), filesystem)
    assert isinstance(source, Source)
    assert source.path == tmp_path / "a.pdf"


@pytest.mark.parametrize(
    ("uri", "root", "name"),
    [
        (
            "abfs://c@acc.dfs.core.windows.net/a.pdf",
            "c/",
            "abfs://c@acc.dfs.core.windows.net/a.pdf",
        ),
        (
            "abfss://acc.blob.core.windows.net/c/a.pdf",
            "",
            "abfss://acc.blob.core.windows.net/c/a.pdf",
        ),
        ("abfs://c:cHc=@acc.dfs.core.windows.net/a", "c/", "abfs://c@acc.dfs.core.windows.net/a"),
        ("gs://bucket/a.pdf", "bucket/", "gs://bucket/a.pdf"),
        ("gcs://anonymous@bucket/a.pdf", "bucket/", "gcs://bucket/a.pdf"),
    ],
)
def test_google_s_and_azure_s_storage_is_asked_for_the_right_key(
    uri: str, root: str, name: str
) -> None:
    """Buckets and containers stand where each has them; no password is part of the name."""
    path = StorageURI.parse(uri)
    assert path is not None
    filesystem, prefix = open_file_system(path)
    assert (prefix, bucket_prefix(filesystem, path), path.name) == (root, root, name)


def test_what_is_no_file_system_is_refused() -> None:
    """The error says what is expected."""
    with pytest.raises(OptionError, match="filesystem='s3': expected one of"):
        list(list_sources("a.pdf", ReadOptions(), "s3"))
