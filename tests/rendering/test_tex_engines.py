"""How TeX engines are found, chosen and run: asked of a program of our own in their place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from got_loaders.rendering.tex import TexError, choice, compile_tex
from got_loaders.rendering.tex.choice import choose_engine
from got_loaders.rendering.tex.engines import TexEngine, find_engine
from tests.rendering.tex import needs_landlock

pytestmark = pytest.mark.skipif(os.name != "posix", reason="engines are run on POSIX systems")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The programs of a TeX Live that lies apart, first on the path."""
    programs = tmp_path / "texlive" / "2026" / "bin" / "x86_64-linux"
    programs.mkdir(parents=True)
    monkeypatch.setenv("PATH", str(programs))
    return programs


def install(place: Path, name: str, script: str) -> TexEngine:
    """A shell script in the place of an engine."""
    program = place / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    engine = find_engine(name)
    assert engine is not None
    return engine


def test_an_engine_gets_nothing_of_the_environment(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key, no home and no settings; TeX's own rules are strict, and no shell is allowed."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("openin_any", "a")
    engine = install(place, "pdflatex", '{ printf "%%PDF-%s\\n" "$*"; env; } > page.pdf')
    told = compile_tex("x", engine).decode()
    assert "secret" not in told
    assert "openin_any=p" in told
    assert "shell_escape=f" in told
    assert f"HOME={Path.home()}\n" not in told
    assert "-no-shell-escape -interaction=nonstopmode -halt-on-error" in told


def test_a_machine_without_room_for_temporary_files_is_a_reason(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full or read-only disk is no error of whoever renders; no path stands in the reason."""
    engine = install(place, "pdflatex", 'echo "%PDF-" > page.pdf')
    monkeypatch.setattr("tempfile.tempdir", str(place / "missing"))
    with pytest.raises(TexError, match=r"^pdflatex could not be run: No such file or directory$"):
        compile_tex("x", engine)


def test_lua_gets_no_sockets(place: Path) -> None:
    """LuaLaTeX is called without its library of sockets, and without a shell."""
    engine = install(place, "lualatex", 'echo "%PDF-$*" > page.pdf')
    assert b"--nosocket -no-shell-escape" in compile_tex("x", engine)


def test_references_are_resolved_by_further_runs(place: Path) -> None:
    """A document is run again as long as its log asks for it, three times at most."""
    script = 'echo x >> runs; echo "Rerun to get cross-references right" > page.log\n'
    engine = install(place, "pdflatex", f"{script}{{ echo %PDF-; cat runs; }} > page.pdf")
    assert compile_tex("x", engine).count(b"x\n") == 3


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 3", "pdflatex ended with status 3"),
        ("ln -s /etc/passwd page.pdf", "no page"),
        ("mkfifo page.pdf", "no page"),
        ("echo no > page.pdf", "no page"),
        ("echo '! It is broken.' > page.log; exit 1", "TeX: It is broken."),
        ("kill -9 $$", "took too long"),
    ],
)
def test_what_an_engine_leaves_is_not_trusted(place: Path, script: str, reason: str) -> None:
    """Links, pipes and rubbish in the place of the PDF are not read."""
    path = "PATH=/usr/bin:/bin\n"
    with pytest.raises(TexError, match=reason):
        compile_tex("x", install(place, "pdflatex", path + script))


@needs_landlock
def test_the_engine_suits_the_document(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pdfLaTeX for Latin letters; XeLaTeX, where it works, for what pdfLaTeX can't set."""
    monkeypatch.setattr(choice, "_works", lambda engine: engine.name == "xelatex")
    for name in ("pdflatex", "lualatex"):
        install(place, name, "exit 1")
    fontspec = r"\documentclass{article}\usepackage{amsmath,fontspec}"
    guarded = r"\iftutex\usepackage{fontspec}\else\fi"
    names = [
        engine.name if (engine := choose_engine(text, harmless=False)) else ""
        for text in ("Latin ä", guarded, "αβ", "点", fontspec)
    ]
    assert names == ["pdflatex"] * 5
    install(place, "xelatex", "exit 1")
    names = [
        engine.name if (engine := choose_engine(text, harmless=False)) else ""
        for text in ("Latin ä", guarded, "αβ", "点", fontspec)
    ]
    assert names == ["pdflatex", "pdflatex", "xelatex", "xelatex", "xelatex"]


def test_an_installation_apart_may_be_read_as_a_whole(place: Path, tmp_path: Path) -> None:
    """TeX Live of its own, beside the system's, with what its users added to it."""
    folders = install(place, "xelatex", "exit 1").folders
    assert str(tmp_path / "texlive" / "2026") in folders
    assert str(tmp_path / "texlive" / "texmf-local") in folders
    assert str(tmp_path) not in folders
    assert str(Path.home()) not in folders
    assert find_engine("lualatex") is None


def test_of_an_environment_only_what_is_installed_may_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TeX in a folder of programs: what lies beside is nobody's concern."""
    programs = tmp_path / "env" / "bin"
    programs.mkdir(parents=True)
    monkeypatch.setenv("PATH", str(programs))
    folders = install(programs, "pdflatex", "exit 1").folders
    assert str(tmp_path / "env" / "share") in folders
    assert not {str(tmp_path), str(tmp_path / "env")} & set(folders)
