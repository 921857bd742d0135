"""With ``root=`` no path leads out of its folder, and no error tells what is outside."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest
from PIL import Image, ImageDraw

from got_loaders import GotOcrLoader, GotOcrReader, read
from got_loaders.errors import GotLoadersError, OptionError, SourceError, SourceRefusedError
from got_loaders.testing import FakeEngine
from tests.pages import making

Load = Callable[[object, Path], list[str]]


def by_loader(source: object, root: Path) -> list[str]:
    """The sources of what a LangChain loader gives."""
    loader = GotOcrLoader(source, engine=FakeEngine(), root=root)
    return [document.metadata["source"] for document in loader.load()]


def by_reader(source: object, root: Path) -> list[str]:
    """The sources of what a LlamaIndex reader gives."""
    documents = GotOcrReader(engine=FakeEngine(), root=root).load_data(source)
    return [document.metadata["source"] for document in documents]


def by_read(source: object, root: Path) -> list[str]:
    """The sources of what ``read`` gives."""
    return [result.info.source for result in read(source, engine=FakeEngine(), root=root)]


WAYS = pytest.mark.parametrize("load", [by_read, by_loader, by_reader])


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files and links, beside a secret that looks like one of them."""
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    page = Image.new("RGB", (60, 80), "white")
    ImageDraw.Draw(page).rectangle((5, 5, 40, 30), fill="black")
    for path in (root / "a.png", root / "sub" / "b.png", tmp_path / "secret.png"):
        page.save(path)
    (tmp_path / "root-evil").mkdir()
    page.save(tmp_path / "root-evil" / "secret.png")
    (root / "inner").symlink_to("sub/b.png")
    (root / "out.png").symlink_to(tmp_path / "secret.png")
    (root / "up").symlink_to("..", target_is_directory=True)
    (root / "chain").symlink_to("up/secret.png")
    (root / "slash").symlink_to("/", target_is_directory=True)
    (root / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    return root


@WAYS
@pytest.mark.parametrize(
    "path", ["a.png", "sub/b.png", "./a.png", "sub/../a.png", "sub//b.png", "inner", "{root}/a.png"]
)
def test_what_lies_inside_is_read(load: Load, root: Path, path: str) -> None:
    """From the folder, by its full path, or by a link within; named as it was asked for."""
    given = path.format(root=root)
    assert load(given, root) == [given]


ESCAPES = [
    "../secret.png",
    "../root-evil/secret.png",
    "sub/../../secret.png",
    "./.././secret.png",
    "sub/../sub/../../secret.png",
    "../root/../secret.png",
    "{outside}/secret.png",
    "{root}/../secret.png",
    "{root}-evil/secret.png",
    "//{outside}/secret.png",
    "{outside}/./root/../secret.png",
    "out.png",
    "./sub/../out.png",
    "up/secret.png",
    "up/root/up/secret.png",
    "chain",
    "slash{outside}/secret.png",
    "slash/etc/passwd",
    "/etc/passwd",
    "/proc/self/root/etc/passwd",
    "/proc/self/cwd/secret.png",
    "/proc/self/environ",
    "/dev/stdin",
    "/dev/zero",
    "..",
    "../",
    "/",
    "up",
    "a.png\0/../../secret.png",
    "\0",
    *("file:///etc/passwd", "file://localhost/etc/%70asswd", "file:/etc/passwd"),
    *("file://{outside}/secret.png", "file://{root}/%2e%2e/secret.png", "FILE://{root}/out.png"),
    *("../*.png", "{outside}/*", "slash/etc/pass*", "up/secret.p?g", "../roo?/a.png"),
]

MISSES = [
    *("*/secret.png", "**/secret.png", "*/../../secret.png", "**/../../secret.png", "sla*/etc/*"),
    *("file://host/secret.png", "file://..%2fsecret.png", "file://"),
    "~/secret.png",
    "~root/secret.png",
    "$HOME/secret.png",
    "%2e%2e/secret.png",
    "..%2fsecret.png",
    "..\\secret.png",
    "....//secret.png",
    "\u2024\u2024/secret.png",
    "\uff0e\uff0e\uff0fsecret.png",
    "..;/secret.png",
    "a.png/../../secret.png/..",
    "C:\\secret.png",
    "\\\\host\\share\\secret.png",
    "loop",
    "no/such/file.png",
    "file:secret.png",
    "| cat /etc/passwd",
]


@WAYS
@pytest.mark.parametrize("path", ESCAPES)
def test_what_lies_outside_is_refused(load: Load, root: Path, path: str) -> None:
    """Whether it is there or not; the error repeats what was asked for, and tells no more."""
    given = path.format(root=root, outside=root.parent)
    with pytest.raises(SourceRefusedError, match="outside of the folder") as caught:
        load(given, root)
    if "{" not in path:
        assert str(root.parent) not in str(caught.value)
    assert "no such" not in str(caught.value)


@WAYS
@pytest.mark.parametrize("path", MISSES)
def test_other_tricks_find_nothing(load: Load, root: Path, path: str) -> None:
    """They are names like any other, and not there; nothing is expanded or decoded."""
    with pytest.raises(SourceError) as caught:
        load(path, root)
    assert str(root.parent) not in str(caught.value)


@WAYS
@pytest.mark.parametrize("path", ["*/b.png", "**/b.png", "s?b/*.png", "{root}/*/b.png", "i*r"])
def test_patterns_find_what_lies_inside(load: Load, root: Path, path: str) -> None:
    """From the folder, and by its full path; what a link shows outside is passed over."""
    (source,) = load(path.format(root=root), root)
    assert source.endswith(("sub/b.png", "inner"))


def test_links_that_lead_out_of_a_folder_are_named(root: Path) -> None:
    """The folder itself is read; each link that leads out of it is an error in its place."""
    results = list(read(".", engine=FakeEngine(), root=root, on_error="keep"))
    errors = {result.info.source: result.error for result in results if result.error}
    good = {result.info.source for result in results if not result.error}
    assert good == {"./a.png", "./sub/b.png"}
    assert set(errors) == {"./out.png"}
    assert all(str(root.parent) not in str(error) for error in errors.values())


@pytest.mark.parametrize("glob", ["../*", "up/*.png", "up/*.none", "*/*.png", "slash/etc/*"])
def test_a_glob_sees_nothing_outside(root: Path, glob: str) -> None:
    """It finds what lies inside; what is behind a link is told neither by names nor by errors."""
    results = read(".", engine=FakeEngine(), root=root, glob=glob, on_error="keep")
    found = [(result.info.source, result.error) for result in results]
    if glob == "*/*.png":
        assert found == [("./sub/b.png", None)]
    else:
        assert found == [(".", f".: there are no files that match {glob!r} in this folder")]


def test_other_file_systems_have_no_root(root: Path) -> None:
    """What one of them reads can't be judged: the two are not combined."""
    with pytest.raises(OptionError, match="can't be combined with fs="):
        GotOcrReader(engine=FakeEngine(), root=root).load_data(
            str(root.parent / "secret.png"), fs=fsspec.filesystem("file")
        )


def test_a_root_may_be_a_link_and_need_not_be_the_current_folder(root: Path) -> None:
    """Its own links are followed first."""
    (root.parent / "alias").symlink_to(root, target_is_directory=True)
    assert by_loader("a.png", root.parent / "alias") == ["a.png"]
    assert by_loader(str(root.parent / "alias" / "a.png"), root) == [f"{root.parent}/alias/a.png"]
    with pytest.raises(SourceRefusedError):
        by_loader("../secret.png", root.parent / "alias")


def test_a_root_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """No path is read, and none leads anywhere else."""
    with pytest.raises(SourceError, match="no such file"):
        by_loader("a.png", tmp_path / "gone")
    with pytest.raises(SourceRefusedError):
        by_loader("/etc/passwd", tmp_path / "gone")


def test_bytes_and_file_objects_are_the_program_s_own(root: Path) -> None:
    """A root bounds paths, which come from others."""
    data = (root.parent / "secret.png").read_bytes()
    assert len(by_loader(data, root)) == 1
    with (root.parent / "secret.png").open("rb") as file:
        assert len(by_loader(file, root)) == 1


@pytest.mark.parametrize("content", [b"", b"nothing", b"%PDF-1.7\nbroken", making.bomb()])
def test_errors_do_not_tell_where_a_relative_path_lies(root: Path, content: bytes) -> None:
    """Neither with a root nor without."""
    (root / "bad.pdf").write_bytes(content)
    for options, name in (({"root": root}, "bad.pdf"), ({}, "root/bad.pdf")):
        with pytest.raises(GotLoadersError) as caught:
            list(read(name, engine=FakeEngine(), **options))  # type: ignore[arg-type]  # a test's
        assert os.fspath(root.parent) not in str(caught.value)
