"""What a user may pass as a source, and what becomes of it."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import zipfile
from pathlib import Path

import pytest
from pydantic import BaseModel

from got_loaders.errors import (
    OptionError,
    SourceError,
    SourceRefusedError,
    UnsupportedSourceError,
)
from got_loaders.sources import Source, check_file, file_sources, sanitize_text

DATA = b"%PDF-1.4 not much of a PDF"
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"


def only(obj: object, glob: str | None = None) -> Source:
    """The one source that ``obj`` stands for."""
    (source,) = file_sources(obj, glob=glob)
    assert isinstance(source, Source)
    return source


def refused(obj: object, glob: str | None = None) -> SourceError:
    """The one error that ``obj`` gives, as a value."""
    (error,) = file_sources(obj, glob=glob)
    assert isinstance(error, SourceError)
    return error


def names(folder: Path, glob: str | None = None) -> list[str]:
    """The files of a folder, relative to it."""
    found = list(file_sources(folder, glob=glob))
    sources = [source for source in found if isinstance(source, Source)]
    assert len(sources) == len(found)
    return [Path(source.name).relative_to(folder).as_posix() for source in sources]


def fill(folder: Path, *names: str) -> None:
    """Create files with something in them."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(DATA)


def test_a_path_is_named_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``source`` is the path the user wrote, not what it resolves to."""
    fill(tmp_path, "a.pdf")
    monkeypatch.chdir(tmp_path)
    assert only("./a.pdf").name == "./a.pdf"
    source = only(tmp_path / "a.pdf")
    assert (source.name, source.file_name) == (str(tmp_path / "a.pdf"), "a.pdf")
    assert source.path == tmp_path / "a.pdf"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``~/a.pdf`` is found, and keeps its name."""
    fill(tmp_path, "a.pdf")
    monkeypatch.setenv("HOME", str(tmp_path))
    source = only("~/a.pdf")
    assert (source.name, source.path) == ("~/a.pdf", tmp_path / "a.pdf")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_are_named_by_their_content(kind: type) -> None:
    """Equal bytes have equal names, whatever holds them."""
    source = only(kind(DATA))
    assert (source.name, source.data, source.path) == (DIGEST, DATA, None)
    assert source.file_name is None
    assert "not much" not in repr(source)


def test_a_file_object_is_read_from_its_start_and_left_where_it_was(tmp_path: Path) -> None:
    """A file that was read before is read whole, and can be read again."""
    fill(tmp_path, "a.pdf")
    with (tmp_path / "a.pdf").open("rb") as file:
        file.seek(3)
        for _ in range(2):
            source = only(file)
            assert (source.data, source.name) == (DATA, str(tmp_path / "a.pdf"))
            assert source.file_name == "a.pdf"
        assert file.tell() == 3


def test_a_nameless_file_object_is_named_by_its_content() -> None:
    """Neither a missing nor a numeric name gets into metadata."""
    file = io.BytesIO(DATA)
    assert only(file).name == DIGEST
    file.name = 3  # as os.fdopen has it
    assert only(file).name == DIGEST


def test_a_file_object_that_cannot_seek_is_read_on() -> None:
    """A pipe or a socket is read as it is."""
    read, write = os.pipe()
    with os.fdopen(write, "wb") as file:
        file.write(DATA)
    with os.fdopen(read, "rb", buffering=0) as pipe:
        assert only(pipe).data == DATA


def test_a_member_of_an_archive_is_a_file_object(tmp_path: Path) -> None:
    """Anything with a binary ``read`` will do."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in/a.pdf", DATA)
        with archive.open("in/a.pdf") as member:
            assert (only(member).name, only(member).file_name) == ("in/a.pdf", "a.pdf")


def test_a_file_opened_as_text_is_refused(tmp_path: Path) -> None:
    """The error says how to open it, and comes as a value."""
    fill(tmp_path, "a.pdf")
    with (tmp_path / "a.pdf").open(encoding="utf-8") as file:
        error = refused(file)
    assert isinstance(error, UnsupportedSourceError)
    assert "a.pdf" in str(error)
    assert '"rb"' in str(error)


def test_a_closed_or_async_file_object_is_refused() -> None:
    """What can't be read now is a source error, not a crash."""
    closed = io.BytesIO(DATA)
    closed.close()
    assert "closed file" in str(refused(closed))

    class Upload:
        async def read(self) -> bytes:
            return DATA

    assert "its read() is asynchronous" in str(refused(Upload()))


@pytest.mark.parametrize("url", ["http://host/a%20b.pdf?x=1#y", "HTTPS://host/docs/a%20b.pdf"])
def test_a_url_is_a_source_that_has_to_be_fetched(url: str) -> None:
    """Nothing is asked of the network yet; the file's name is the last part of the path."""
    source = only(url)
    assert (source.name, source.url, source.path, source.data) == (url, url, None, None)
    assert source.file_name == "a b.pdf"


@pytest.mark.parametrize("url", ["s3://bucket/a.pdf", "ftp://host/a.pdf"])
def test_other_addresses_are_not_read(url: str) -> None:
    """The error says what is."""
    error = refused(url)
    assert error.source == url
    assert "http" in str(error)


def test_urls_can_be_refused() -> None:
    """Where the program says so."""
    (error,) = file_sources("https://host/a.pdf", urls=False)
    assert isinstance(error, SourceRefusedError)
    assert "URLs may not be read here" in str(error)


class PageSetup(BaseModel):
    """A record, which pydantic lets one iterate."""

    body: str


@pytest.mark.parametrize("obj", [None, 3, {"a": 1}, object(), PageSetup(body="x")])
def test_what_is_no_source_is_refused(obj: object) -> None:
    """The error names the type and what can be passed, in the same words in every run."""
    error = refused(obj)
    assert isinstance(error, UnsupportedSourceError)
    assert type(obj).__name__ in str(error)
    assert "0x" not in str(error)


def test_an_empty_path_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forgotten setting does not read the whole current folder; a dot does."""
    fill(tmp_path, "a.pdf")
    monkeypatch.chdir(tmp_path)
    assert "the path is empty" in str(refused(""))
    assert only(".").path == Path("a.pdf")


def test_a_bad_source_costs_no_other(tmp_path: Path) -> None:
    """A list keeps its order, with errors in the place of what they concern."""
    fill(tmp_path, "a.pdf")
    empty = tmp_path / "empty"
    empty.mkdir()
    found = list(file_sources([tmp_path / "a.pdf", 3, [empty, DATA], "gone.pdf"]))
    kinds = [type(item) for item in found]
    assert kinds == [Source, UnsupportedSourceError, SourceError, Source, Source]


def test_a_list_is_expanded_lazily() -> None:
    """The second file object is not touched before the first is done with."""
    second = io.BytesIO(DATA)
    sources = file_sources([DATA, second])
    next(sources)
    second.close()
    assert isinstance(next(sources), SourceError)


def test_a_folder_gives_pdfs_and_images_in_natural_order(tmp_path: Path) -> None:
    """Page 10 comes after page 2; other and hidden files are left out; folders are entered."""
    fill(tmp_path, "p10.pdf", "p2.PDF", "p1.tif", "notes.txt", ".hidden.pdf", ".git/x.pdf")
    fill(tmp_path, "q/b.jpeg", "q/a.webp", "Makefile")
    assert names(tmp_path) == ["p1.tif", "p2.PDF", "p10.pdf", "q/a.webp", "q/b.jpeg"]


def test_pdfs_without_a_suffix_are_said_to_be_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """By the log, once each; not what else has no suffix, and no pipe is waited for."""
    fill(tmp_path, "a.pdf", "scan", "in/scan2", ".hidden", "notes.txt", "scan.bak")
    (tmp_path / "Makefile").write_bytes(b"all:\n")
    (tmp_path / "late").write_bytes(b"x" * 5000 + DATA)
    (tmp_path / "junk first").write_bytes(b"x" * 100 + DATA)
    (tmp_path / "empty").touch()
    (tmp_path / "gone").symlink_to(tmp_path / "missing")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    assert names(tmp_path) == ["a.pdf"]
    told = sorted(record.getMessage().partition(":")[0] for record in caplog.records)
    assert told == ["in/scan2", "junk first", "scan"]
    caplog.clear()
    assert names(tmp_path, "in/*") == ["in/scan2"]
    assert caplog.records == []


def test_files_of_a_folder_are_named_below_it(tmp_path: Path) -> None:
    """The name is the folder as it was given, and the file."""
    fill(tmp_path, "in/a.pdf")
    given = f"{tmp_path}/../{tmp_path.name}"
    source = only(given)
    assert (source.name, source.file_name) == (f"{given}/in/a.pdf", "a.pdf")


def test_links_that_loop_are_harmless(tmp_path: Path) -> None:
    """A folder that contains itself is read once; linked files are read."""
    fill(tmp_path, "a.pdf")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "b.pdf").symlink_to(tmp_path / "a.pdf")
    assert names(tmp_path) == ["a.pdf", "b.pdf"]


def test_a_glob_selects(tmp_path: Path) -> None:
    """What matches is read, whatever its suffix; folders and hidden files are not."""
    fill(tmp_path, "a.pdf", "b.dat", "in/c.dat", ".d.dat")
    (tmp_path / "e.dat").mkdir()
    assert names(tmp_path, "*.dat") == ["b.dat"]
    assert names(tmp_path, "**/*.dat") == ["b.dat", "in/c.dat"]


@pytest.mark.parametrize(("glob", "words"), [(None, "no PDFs or images"), ("*.x", "match '*.x'")])
def test_a_folder_with_nothing_to_read_is_an_error(
    tmp_path: Path, glob: str | None, words: str
) -> None:
    """An empty folder, or a glob that matches nothing, is said, not skipped in silence."""
    fill(tmp_path, "a.txt")
    error = refused(tmp_path, glob)
    assert words in str(error)
    assert error.source == str(tmp_path)


def test_an_impossible_glob_is_an_option_error(tmp_path: Path) -> None:
    """The mistake is in the option, not in the folder."""
    with pytest.raises(OptionError, match="glob='/etc/"):
        list(file_sources(tmp_path, glob="/etc/*"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_an_error(tmp_path: Path) -> None:
    """Neither the folder nor one below it is skipped in silence."""
    fill(tmp_path, "a/b.pdf")
    (tmp_path / "a").chmod(0)
    try:
        assert "no permission" in str(refused(tmp_path / "a"))
        assert "can't be listed" in str(refused(tmp_path))
    finally:
        (tmp_path / "a").chmod(0o700)


@pytest.mark.parametrize("name", ["gone.pdf", "a\0b.pdf", "x" * 300])
def test_a_missing_file_is_named(name: str) -> None:
    """Expansion leaves it to opening; the error names the path as given."""
    source = only(name)
    with pytest.raises(SourceError, match=r"there is no such file|can't be read") as caught:
        check_file(source)
    assert caught.value.source == source.name
    assert source.name in str(caught.value)
    assert str(Path.cwd()) not in str(caught.value)


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    """An upload that went wrong is told from a damaged file."""
    (tmp_path / "a.pdf").touch()
    with pytest.raises(SourceError, match=r"a.pdf: the file is empty"):
        check_file(only(tmp_path / "a.pdf"))
    with pytest.raises(SourceError, match=r"no bytes in it"):
        check_file(only(b""))


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    """A named pipe does not block the reader."""
    os.mkfifo(tmp_path / "a.pdf")
    with pytest.raises(SourceError, match="not a regular file"):
        check_file(only(tmp_path / "a.pdf"))


def test_a_file_name_that_is_no_utf8_can_be_metadata(tmp_path: Path) -> None:
    """The name can be encoded; the path still opens the file."""
    path = os.fsencode(tmp_path) + b"/a\xff.pdf"
    Path(os.fsdecode(path)).write_bytes(DATA)
    source = only(os.fsdecode(path))
    assert source.name.encode().endswith(b"a\\xff.pdf")
    check_file(source)


def test_sanitize_text_keeps_all_that_can_be_encoded() -> None:
    """Only NULs and lone surrogates are touched."""
    assert sanitize_text("a\0b\ud800c \U0001f600 ü") == "ab\ufffdc \U0001f600 ü"


def test_a_source_is_a_path_or_data_or_a_url() -> None:
    """One of them."""
    with pytest.raises(ValueError, match="one of a path, data and a URL"):
        Source(name="x")
    with pytest.raises(ValueError, match="one of a path, data and a URL"):
        Source(name="x", path=Path("x"), data=b"x")


def test_no_more_is_read_than_the_limit() -> None:
    """Neither of a file, nor of bytes, nor of an endless file object."""

    class Endless:
        given = 0

        def read(self, size: int) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()
    (error,) = file_sources(endless, max_bytes=3_000_000)
    assert isinstance(error, SourceRefusedError)
    assert "max_file_bytes=3000000" in str(error)
    assert endless.given < 6_000_000
    with pytest.raises(SourceRefusedError, match="x: 4 bytes, more than max_file_bytes=3"):
        check_file(Source(name="x", data=b"1234"), max_bytes=3)
    check_file(Source(name="x", data=b"123"), max_bytes=3)


def test_a_file_is_refused_by_its_size(tmp_path: Path) -> None:
    """Before anything is read."""
    fill(tmp_path, "a.pdf")
    source = only(tmp_path / "a.pdf")
    check_file(source, max_bytes=len(DATA))
    with pytest.raises(SourceRefusedError, match="max_file_bytes=1"):
        check_file(source, max_bytes=1)


def test_a_file_object_in_pieces_is_whole() -> None:
    """A socket's file gives what has come; a reader without sizes gives all."""

    class Pieces:
        def __init__(self) -> None:
            self.left = [b"a", b"bc", b"d", b""]

        def read(self, size: int) -> bytes:
            return self.left.pop(0)

    class Whole:
        def read(self) -> bytes:
            return DATA

    assert only(Pieces()).data == b"abcd"
    assert only(Whole()).data == DATA


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are Unicode there")
def test_names_that_are_no_utf8_stay_apart(tmp_path: Path) -> None:
    """Two files never share a source, and with it their ids."""
    for name in (b"/a\xff.pdf", b"/a\xfe.pdf"):
        Path(os.fsdecode(os.fsencode(tmp_path) + name)).write_bytes(DATA)
    assert len(set(names(tmp_path))) == 2


@pytest.mark.parametrize("text", [" https://u:pw@h/x", "https:/u:pw@h/x", "http:u:pw@h"])
def test_what_is_nearly_a_url_is_no_path(text: str) -> None:
    """It may hold a password, which no error repeats."""
    error = refused(text)
    assert "pw" not in str(error)
    assert "pw" not in str(error.source)
