"""Reading phones nobody and leaves nothing behind, whatever the packages do that it loads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import got_loaders
from tests.pages import making

ROOT = Path(got_loaders.__file__).parents[1]

HOOK = """
import os, sys
log = os.open(FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
CONNECT = "socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"
def hook(event, args):
    if event in CONNECT:
        os.write(log, ascii(("connection", repr(args[1:]))).encode() + b"\\n")
    elif event == "os.mkdir" or (event == "open" and (args[2] or 0) & (os.O_WRONLY | os.O_RDWR)):
        if not isinstance(args[0], int):
            os.write(log, ascii(("file", os.fsdecode(args[0]))).encode() + b"\\n")
sys.addaudithook(hook)
"""
"""Loaded by every Python that is started below, the workers' included."""

READ = """
import sys
from pathlib import Path
from got_loaders import (
    GotOcrLoader, GotOcrReader, GotOcrTool, GotOcrToolkit, GotOcrToolSpec, locate
)
from got_loaders.cli import main
source, cache, out = sys.argv[1:]
root, name = Path(source).parent, Path(source).name
short = {"model": "tiny", "cache": cache, "max_new_tokens": 8}
auto = {"text_layer": "auto", "regions": "auto"}
assert len(GotOcrLoader(source, **short, **auto).load()) == 2
assert GotOcrLoader(source, **short, mode="region", output="html", text_layer="fallback").load()
assert GotOcrLoader(source, **short, mode="single", multi_page=2, output="latex").load()
assert GotOcrLoader(source, **short, box=(0, 0, 99, 99), output="text", progress=True).load()
nodes = GotOcrReader(**short, **auto).load_data(source)
assert locate(nodes[0]) is not None
for tool in GotOcrToolkit(root=root, **short).get_tools():
    words = {"list_documents": {}, "list_regions": {"source": name, "page": "1"}}
    assert tool.invoke(words.get(tool.name, {"source": name}))
spec = GotOcrToolSpec(root=root, **short)
assert spec.read_region(name, "1", 0, 0, 99, 99)
options = ["--text-layer=auto", "--regions=auto", "--max-new-tokens=8", "--cache-dir", cache]
assert main(["read", source, "--model", "tiny", "--jsonl", out, *options]) == 0
"""


@pytest.mark.skipif(os.name == "nt", reason="folders are set by variables that Windows lacks")
def test_no_read_connects_or_writes_elsewhere(tmp_path: Path) -> None:
    """With every option, adapter and tool: no connection, no file but in the cache, the output
    and the temporary folder, and none at home; where strace is, not by compiled code either."""
    folders = {
        name: tmp_path / name for name in ("home", "temporary", "cache", "docs", "out", "hook")
    }
    for folder in folders.values():
        folder.mkdir()
    events = tmp_path / "events"
    (folders["hook"] / "sitecustomize.py").write_text(f"FILE = {str(events)!r}\n{HOOK}")
    source = folders["docs"] / "a.pdf"
    text = "The quick brown fox jumps over the lazy dog. " * 3
    source.write_bytes(making.pdf(text, "two", size=(500, 300)))
    command: list[str | Path] = [
        sys.executable,
        "-c",
        READ,
        source,
        folders["cache"],
        folders["out"] / "r.jsonl",
    ]
    trace = tmp_path / "trace"
    if shutil.which("strace"):
        command = [
            "strace",
            "-f",
            "-qq",
            "-o",
            trace,
            "-e",
            "trace=connect,sendto,sendmsg",
            *command,
        ]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folders["home"]),
        "TMPDIR": str(folders["temporary"]),
        "NUMBA_CACHE_DIR": str(folders["cache"]),
        "PYTHONPATH": os.pathsep.join((str(folders["hook"]), str(ROOT))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        command,
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    allowed = [*(folders[name] for name in ("temporary", "cache", "out")), Path("/dev")]
    for line in events.read_text("ascii").splitlines():
        kind, _, what = line.strip("()").partition(", ")
        assert kind == "'file'", line
        path = tmp_path / what.strip("'\"")
        assert any(path.is_relative_to(folder) for folder in allowed), line
    assert list(folders["home"].iterdir()) == []
    if trace.exists():
        calls = trace.read_text("utf-8", "replace").splitlines()
        assert [call for call in calls if re.search(r"AF_INET|sin6?_addr", call)] == []
