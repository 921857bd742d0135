"""Patterns such as ``scans/*.png``, and ``file:`` URLs."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest

from got_loaders import GotOcrLoader, GotOcrTool
from got_loaders.errors import SourceError, SourceRefusedError
from got_loaders.sources import Source, file_sources
from got_loaders.testing import FakeEngine
from tests.sources.test_iterables import png


def found(text: str) -> list[str]:
    """The names of the files that a text stands for."""
    sources = list(file_sources(text))
    assert all(isinstance(source, Source) for source in sources), sources
    return [source.name for source in sources if isinstance(source, Source)]


def refused(text: str) -> SourceError:
    """The one error that it gives, as a value."""
    (error,) = file_sources(text)
    assert isinstance(error, SourceError)
    return error


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    fill("d/p10.png", "d/p2.png", "d/p1.pdf", "d/.p3.png", "d/in/p4.png", "d/in/.git/p5.png")
    fill("d/notes.txt", "a.pdf", "e/1/x.png", "e/2/x.png")
    return tmp_path


def fill(*names: str) -> None:
    """Create files with something in them."""
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("d/*.png", ["d/p2.png", "d/p10.png"]),
        ("./d/p?.png", ["./d/p2.png"]),
        ("d//p[12]*", ["d//p1.pdf", "d//p2.png", "d//p10.png"]),
        ("**/*.pdf", ["a.pdf", "d/p1.pdf"]),
        ("*.pdf", ["a.pdf"]),
        ("d/**/p[!2]*.png", ["d/in/p4.png", "d/p10.png"]),
        ("d/**", ["d/in/p4.png", "d/notes.txt", "d/p1.pdf", "d/p2.png", "d/p10.png"]),
        ("**/**/**/in/**/**/*.png", ["d/in/p4.png"]),
        ("d/.*.png", ["d/.p3.png"]),
        ("*/*/x.png", ["e/1/x.png", "e/2/x.png"]),
        ("e/[12]", ["e/1/x.png", "e/2/x.png"]),
        ("d/*/", ["d/in/p4.png"]),
        ("~/d/p2*", ["~/d/p2.png"]),
        ("[d]/p2.png", ["d/p2.png"]),
    ],
)
def test_a_pattern_gives_the_files_that_match(pattern: str, names: list[str]) -> None:
    """In natural order, named as the folder is written; folders only where no file matches."""
    assert found(pattern) == names


def test_a_full_path_may_be_a_pattern(folder: Path) -> None:
    """As a text and as a path."""
    expected = [f"{folder}/d/p2.png", f"{folder}/d/p10.png"]
    assert found(f"{folder}/d/*.png") == expected
    (first, second) = file_sources(folder / "d" / "*.png")
    assert [first.name, second.name] == expected  # type: ignore[union-attr]  # no errors


def test_a_file_of_that_very_name_is_meant() -> None:
    """Brackets, stars and question marks may stand in names, also in a folder's."""
    fill("d/p[2].png", "d/*.png", "d/what?.pdf", "[e]/1.png", "[e]/2.png", "e/1.png")
    for name in ("d/p[2].png", "d/*.png", "d/what?.pdf"):
        assert found(name) == [name]
    assert found("[e]/*.png") == ["[e]/1.png", "[e]/2.png"]
    assert found("[e]") == ["[e]/1.png", "[e]/2.png"]


@pytest.mark.parametrize("pattern", ["d/*.tif", "gone/*.png", "a.pdf/*", "d/p[3].png"])
def test_what_nothing_matches_is_an_error_that_says_so(pattern: str) -> None:
    """A missing file with brackets in its name is a missing file."""
    (found,) = file_sources(pattern)
    if isinstance(found, Source):
        with pytest.raises(SourceError, match="there is no such file"):
            GotOcrLoader(pattern, engine=FakeEngine()).load()
        return
    assert str(found).startswith(f"{pattern}: no file matches this pattern")
    assert ("there is no folder" in str(found)) == (not pattern.startswith("d/"))


def test_no_pattern_and_no_links_take_long() -> None:
    """Links in circles and many wildcards: each folder is looked at a few times, not 2**60."""
    for name in ("one", "two"):
        Path("e", name).symlink_to("..", target_is_directory=True)
        Path("e/1", name).symlink_to("../..", target_is_directory=True)
    for pattern in (
        "*/" * 60 + "x.png",
        "**/*/" * 40 + "x.png",
        "*a" * 80,
        "[" * 200 + "*",
        "?" * 99,
    ):
        assert all(isinstance(item, Source | SourceError) for item in file_sources(pattern))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_can_t_be_listed_is_told() -> None:
    """In the place after the files that were found."""
    Path("e/1").chmod(0)
    (good, bad) = file_sources("e/*/x.png")
    Path("e/1").chmod(0o700)
    assert isinstance(good, Source)
    assert "e/1: can't be listed" in str(bad)


def test_a_pattern_names_what_a_folder_names() -> None:
    """So an index that was made by one is not doubled by the other."""
    for name in ("p2.png", "p10.png"):
        Path("e", name).write_bytes(png())
    by_pattern = GotOcrLoader("e/*.png", engine=FakeEngine("text")).load()
    by_folder = GotOcrLoader("e", engine=FakeEngine("text"), glob="*.png").load()
    assert [doc.id for doc in by_pattern] == [doc.id for doc in by_folder]


@pytest.mark.parametrize("begin", ["file://", "file://localhost", "file:", "FILE://LocalHost"])
@pytest.mark.parametrize("name", ["a.pdf", "100% möglich #1?.pdf", "p[2]*.png"])
def test_a_file_url_is_a_path(folder: Path, begin: str, name: str) -> None:
    """Percent-encoded as URLs are, or not; the source is the path, and so is the id."""
    fill(name)
    (folder / "100%25.pdf").touch()
    path = f"{folder}/{name}"
    assert found(begin + quote(path)) == [path]
    assert found(begin + quote(path) + "#page=2") == [path]
    assert found(begin + path) == [path]


def test_a_file_url_may_name_a_folder_and_is_no_pattern(folder: Path) -> None:
    """A star in it is a name's."""
    assert found(f"file://{folder}/e") == [f"{folder}/e/1/x.png", f"{folder}/e/2/x.png"]
    (source,) = file_sources(f"file://{folder}/d/*.png")
    assert isinstance(source, Source)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file://server/share/a.pdf", "files of other hosts"),
        ("file://d/p1.pdf", "file:///full/path"),
        ("file://me:secret@host/a.pdf", "files of other hosts"),
        ("file://", "no path"),
        ("file://localhost", "no path"),
    ],
)
def test_other_hosts_files_are_refused(url: str, words: str) -> None:
    """With a word on how a file of this machine is written, and without a password."""
    error = refused(url)
    assert words in str(error)
    assert "secret" not in f"{error} {error.source}"
    assert isinstance(error, SourceRefusedError) or "no path" in words


def test_agents_may_name_files_of_the_root_by_url(folder: Path) -> None:
    """And no others."""
    (folder / "d" / "page 1.png").write_bytes(png())
    tool = GotOcrTool(root=folder / "d", engine=FakeEngine("It is read."))
    assert "It is read." in tool.invoke({"source": f"file://{folder}/d/page%201.png"})
    assert "outside of the folder" in tool.invoke({"source": f"file://{folder}/a.pdf"})
