"""What a worker needs of the process that starts it: no open stream, no secret, no locale."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from PIL import Image

import got_loaders
from got_loaders.pages.worker.launch import worker_environment
from got_loaders.pages.worker.pool import Pool
from tests.pages import making
from tests.pages.making import opened
from tests.pages.pids import pids

ROOT = Path(got_loaders.__file__).parents[1]
posix = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes the streams")
on_linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")

READ = """
import json, sys
from got_loaders import GotOcrLoader
from got_loaders.testing import FakeEngine
loader = GotOcrLoader(sys.argv[1], engine=FakeEngine("text"), progress=True, on_error="keep")
found = [[d.metadata[k] for k in ("source", "ocr_origin")] for d in loader.lazy_load()]
with open(sys.argv[2], "w", encoding="ascii") as file:
    json.dump(found, file)
"""


def read_elsewhere(source: Path, out: Path, *, streams: str = "", **environment: str) -> list[str]:
    """The names of what a process of its own reads, none of which fails."""
    command = '"$0" -c "$1" "$2" "$3" ' + streams
    arguments = (sys.executable, READ, os.fsencode(source), out)
    variables = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    subprocess.run(["/bin/sh", "-c", command, *arguments], check=True, timeout=180, env=variables)
    found = json.loads(out.read_text("ascii"))
    assert "failed" not in {origin for _, origin in found}
    return [source for source, _ in found]


@posix
@pytest.mark.parametrize("streams", ["2>&-", ">&-", "<&-", "<&- 2>&-", "<&- >&- 2>&-"])
def test_everything_can_be_read_where_streams_are_closed(streams: str, tmp_path: Path) -> None:
    """As they are for daemons; a bar of progress has nowhere to go then."""
    (tmp_path / "a.pdf").write_bytes(making.pdf("Hello words"))
    (tmp_path / "b.png").write_bytes(making.image(Image.linear_gradient("L"), "PNG"))
    assert len(read_elsewhere(tmp_path, tmp_path / "out", streams=streams)) == 2


@posix
@pytest.mark.parametrize("locale", ["C", "POSIX", "ISO-8859-1"])
def test_files_are_found_in_every_locale(locale: str, tmp_path: Path) -> None:
    """By the bytes of their names, and called by the same names."""
    variables = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    if locale == "ISO-8859-1":
        if shutil.which("localedef") is None:
            pytest.skip("needs localedef to make that locale")
        place = tmp_path / "locales" / "xx_XX.ISO-8859-1"
        place.parent.mkdir()
        command = ["localedef", "-c", "-i", "POSIX", "-f", "ISO-8859-1", str(place)]
        subprocess.run(command, check=False, capture_output=True)
        if not place.is_dir():
            pytest.skip("localedef can't make that locale")
        variables |= {"LC_ALL": place.name, "LOCPATH": str(place.parent)}
    folder = tmp_path / "scäns"
    folder.mkdir()
    names = ["loä.pdf", "日本.pdf", "bild ö.png"]
    for name in names:
        data = (
            making.pdf("Hello words")
            if name.endswith("pdf")
            else making.image(making.noise(1), "PNG")
        )
        (folder / name).write_bytes(data)
    Path(os.fsdecode(os.fsencode(folder) + b"/z\xff.pdf")).write_bytes(making.pdf("Hello words"))
    found = read_elsewhere(folder, tmp_path / "out", **variables)
    assert set(found) == {str(folder / name) for name in [*names, "z\\xff.pdf"]}


@posix
def test_a_password_is_what_was_typed_in_every_locale(tmp_path: Path) -> None:
    """Also where Python can't decode what came from the terminal or the environment."""
    path = tmp_path / "a.pdf"
    path.write_bytes(making.locked_pdf("gehäim"))
    code = """
        import os
        from pathlib import Path
        from got_loaders.pages import open_document
        from got_loaders.sources import Source
        for password in (os.environ["SECRET"], "geh\\u00e4im"):
            source = Source(name="a", path=Path(os.environ["FILE"]))
            print(open_document(source, password=password).total)
    """
    variables = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=os.environ | variables | {"SECRET": "gehäim", "FILE": str(path)},
        check=True, capture_output=True, cwd=ROOT, timeout=180,
    )  # fmt: skip
    assert done.stdout.split() == [b"1", b"1"]


@on_linux
def test_a_worker_has_no_secrets_in_its_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither keys nor passwords of other programs; but what Python needs, and the folders."""
    for name in ("OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "PDF_PASSWORD", "DATABASE_URL"):
        monkeypatch.setenv(name, "geheim")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    pool = Pool(size=1)
    with opened(making.of_bytes(making.pdf("Hello words")), pool=pool):
        variables = Path(f"/proc/{pids(pool)[0]}/environ").read_bytes().split(b"\0")
    pool.close()
    assert not any(b"geheim" in variable for variable in variables)
    assert b"TMPDIR=" + os.fsencode(tmp_path) in variables


def test_the_environment_is_a_list_of_names() -> None:
    """What is not on it is not passed on, in whatever case Windows writes it."""
    given = {"Path": "/bin", "LC_TIME": "C", "PYTHONPATH": "x", "LC": "y", "HF_TOKEN": "geheim"}
    kept = worker_environment(given)
    assert kept == {"Path": "/bin", "LC_TIME": "C", "PYTHONPATH": "x", "ORT_DISABLE_TELEMETRY": "1"}
