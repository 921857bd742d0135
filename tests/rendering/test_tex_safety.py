"""What a hostile TeX document can't do: read, write, run, stay."""

from __future__ import annotations

import dataclasses
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from got_loaders.rendering.tex import TexError, compile_tex
from got_loaders.rendering.tex import compile as module
from got_loaders.rendering.tex.engines import TexEngine, find_engine
from tests.rendering.tex import document, needs_landlock, needs_pdflatex

SECRET = "SECRETWORD"

HOLD = r"\pdfpageresources{/X \the\pdflastobj\space 0 R}x"
"""What keeps an object in the PDF."""

READS = {
    "input": r"\input{FILE}",
    "input upwards": r"\input{../../../../../../../..FILE}",
    "openin": r"\newread\f \openin\f=FILE \read\f to\x \detokenize\expandafter{\x}",
    "pdfobj": rf"\immediate\pdfobj stream file{{FILE}}{HOLD}",
    "primitive": rf"\immediate\pdfprimitive\pdfobj stream file{{FILE}}{HOLD}",
    "dump": r"A\pdffiledump offset 0 length 20{FILE}B\pdfmdfivesum file{FILE}C",
    "picture": r"\pdfximage{FILE}\pdfrefximage\pdflastximage x",
    "map": r"\pdfmapfile{+FILE}x",
    "font": r"\font\x=FILE \x x",
    "pipe": r'\input{|"cat FILE"}',
}
WRITES = {
    "openout": r"\newwrite\f \immediate\openout\f=FOLDER/new.txt \immediate\write\f{x}x",
    "upwards": r"\newwrite\f \immediate\openout\f=../new.txt \immediate\write\f{x}x",
    "hidden": r"\newwrite\f \immediate\openout\f=.hidden \immediate\write\f{x}x",
    "shell": r"\immediate\write18{touch FOLDER/new.txt}x",
}
STAYS = {
    "loop": (r"\def\x{\x}\x", "too long"),
    "pages": (r"\def\x{a\newpage\x}\x", "too long|too much"),
    "tokens": (r"\def\x{\x\x}\x", "capacity exceeded"),
    "one large file": (
        r"\newwrite\f \immediate\openout\f=a \def\x{\immediate\write\f{\meaning\loop}\x}\x",
        "too much|too long",
    ),
    "many files": (
        r"\newcount\n \newwrite\f \def\x{\immediate\openout\f=a\the\n.t \advance\n1 \x}\x",
        "too much",
    ),
}
LUA = {
    "open": r"\directlua{local f=io.open('FILE') tex.print(f and f:read('*a') or 'no')}x",
    "write": r"\directlua{io.open('FOLDER/new.txt','w')}x",
    "execute": r"\directlua{os.execute('cp FILE FOLDER/new.txt')}x",
    "popen": r"\directlua{tex.print(io.popen('cat FILE'):read('*a'))}x",
    "socket": r"\directlua{require('socket').udp():sendto('x','127.0.0.1',9)}x",
}


def engine(name: str = "pdflatex") -> TexEngine:
    """One that is there."""
    found = find_engine(name)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def _own_temporary_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a secret that anybody may read."""
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n")
    return tmp_path


def run(body: str, folder: Path, engine: TexEngine) -> bytes:
    """What is compiled of a hostile body; nothing where it is refused."""
    body = body.replace("FILE", str(folder / "secret.txt")).replace("FOLDER", str(folder))
    pdf = b""
    with suppress(TexError):
        in_clear = r"\pdfcompresslevel=0" if engine.name == "pdflatex" else ""
        pdf = compile_tex(document(body, in_clear), engine)
    assert left_behind() == []
    assert [path.name for path in folder.iterdir()] == ["secret.txt"]
    return pdf


def left_behind() -> list[str]:
    """What is left of temporary files."""
    return [path.name for path in Path(tempfile.gettempdir()).iterdir()]


@needs_pdflatex
@needs_landlock
@pytest.mark.parametrize("name", READS)
def test_no_file_is_read_but_those_of_tex(name: str, folder: Path) -> None:
    """Neither by TeX's own commands nor by pdfTeX's, some of which heed no rule of TeX."""
    assert SECRET.encode() not in run(READS[name], folder, engine())


@needs_pdflatex
@pytest.mark.parametrize("name", WRITES)
def test_nothing_is_written_outside_and_nothing_run(name: str, folder: Path) -> None:
    """Files, upwards or hidden, and programs: the folder beside stays as it was."""
    run(WRITES[name], folder, engine())


@needs_pdflatex
@pytest.mark.parametrize("name", STAYS)
def test_what_does_not_end_is_ended(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops, and what fills memory or disk, cost a bounded time, and no process stays."""
    monkeypatch.setattr(module, "LIMIT_S", 1.5)
    body, reason = STAYS[name]
    with pytest.raises(TexError, match=reason):
        compile_tex(document(body), engine())
    assert left_behind() == []


@needs_landlock
@pytest.mark.slow
@pytest.mark.skipif(find_engine("lualatex") is None, reason="lualatex is missing")
@pytest.mark.parametrize("name", LUA)
def test_lua_reaches_nothing(name: str, folder: Path) -> None:
    """LuaTeX's own language has no files, programs or sockets."""
    assert SECRET.encode() not in run(LUA[name], folder, engine("lualatex"))


@needs_pdflatex
def test_a_document_knows_nothing_of_the_user(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings of TeX in the home folder and the environment are not heeded."""
    tree = folder / "texmf" / "tex" / "latex"
    tree.mkdir(parents=True)
    (tree / "own.sty").write_text(SECRET)
    monkeypatch.setenv("TEXMFHOME", str(folder / "texmf"))
    monkeypatch.setenv("TEXINPUTS", f"{tree}:")
    monkeypatch.setenv("openin_any", "a")
    with pytest.raises(TexError, match=r"own.sty' not found"):
        compile_tex(document("x", "\\usepackage{own}"), engine())


@needs_pdflatex
@needs_landlock
def test_the_list_of_folders_is_what_keeps_files_out(folder: Path) -> None:
    """The secret would be read where the engine may read its folder: the test can fail."""
    open_engine = dataclasses.replace(engine(), folders=("/",))
    assert SECRET.encode() in run(READS["pdfobj"], folder, open_engine)
