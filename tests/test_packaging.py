"""What is published: a source archive that builds, and a wheel that works where it is installed."""

from __future__ import annotations

import email
import email.message
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

import got_loaders
from tests.test_docs import blocks

ROOT = Path(got_loaders.__file__).parents[1]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    (archive,) = SdistBuilder(str(ROOT)).build(directory=str(folder))
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    return folder / Path(archive).name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built from the source archive, as package indexes and distributions do."""
    (path,) = WheelBuilder(str(source)).build(directory=str(tmp_path_factory.mktemp("wheel")))
    return Path(path)


def metadata_of(wheel: Path) -> email.message.Message:
    """What an index shows of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def test_the_source_archive_has_what_the_project_is_made_of(source: Path) -> None:
    """Code, tests, docs and what builds, checks and explains them; nothing that tools left."""
    names = {path.name for path in source.iterdir()}
    assert names == {
        *("got_loaders", "tests", "docs", "examples", "benchmarks", "deploy", ".ci", ".gitignore"),
        *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "Makefile"),
        *("constraints.txt", "pyproject.toml", "hatch_build.py", "PKG-INFO"),
    }
    assert not any(path.name == "__pycache__" for path in source.rglob("*"))


def test_the_wheel_is_complete(wheel: Path) -> None:
    """An installed library is typed and brings checkpoint, licence and what reports are made of."""
    names = zipfile.ZipFile(wheel).namelist()
    assert "got_loaders/py.typed" in names
    assert "got_loaders/__main__.py" in names
    assert "got_loaders/checkpoints/tiny/model.safetensors" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert all(name.startswith(("got_loaders/", "got_loaders-")) for name in names)
    kinds = {Path(name).suffix for name in names if name.startswith("got_loaders/")}
    assert kinds == {".py", ".typed", ".safetensors", ".json", ".md", ".css", ".js"}
    assert "got_loaders/report/assets/report.css" in names


def test_an_index_shows_links_that_lead_somewhere(wheel: Path) -> None:
    """The README has no relative link there, and each project link is an address."""
    metadata = metadata_of(wheel)
    readme = str(metadata.get_payload())
    assert readme.startswith("# got_loaders\n")
    assert re.findall(r"\]\((?!https?://)", readme) == []
    assert "How to get the weights (`docs/weights.md`)" in readme
    links = metadata.get_all("Project-URL") or []
    assert links
    assert all(re.fullmatch(r"\w+, https://\S+", link) for link in links)


@pytest.mark.skipif(sys.platform == "win32", reason="the paths of Unix")
def test_the_quick_start_runs_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own, from another folder, with one extra: sample, read, print.

    The dependencies are those of the tests, which the environment sees but for our own package.
    """
    required = map(Requirement, metadata_of(wheel).get_all("Requires-Dist") or [])
    extra = [r for r in required if r.marker and r.marker.evaluate({"extra": "langchain"})]
    assert [requirement.name for requirement in extra] == ["langchain-core"]
    assert all(requirement.specifier.contains(version(requirement.name)) for requirement in extra)
    home, work = tmp_path / "env", tmp_path / "work"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    install = (*PIP, "--python", str(python), "install", "--no-deps", "--no-index")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    subprocess.run((*install, f"{wheel}[langchain]"), check=True, env=environment)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    work.mkdir()
    run = {"cwd": work, "env": environment, "check": True, "capture_output": True, "text": True}
    subprocess.run((home / "bin" / "got-loaders", "sample", "."), **run)  # type: ignore[call-overload]  # a mapping
    quick_start = next(code for _, _, code in blocks(ROOT / "docs/quickstart-langchain.md"))
    code = f"import got_loaders\nprint(got_loaders.__file__)\n{quick_start.strip()}"
    done = subprocess.run((python, "-c", code), **run)  # type: ignore[call-overload]  # a mapping
    place, *text = done.stdout.splitlines()
    assert Path(place).is_relative_to(site)
    assert text[0] == "# Annual Report"
    assert text[-1] == "scan.pdf 0"


@pytest.mark.slow
def test_a_fresh_environment_is_ready_to_read(wheel: Path, tmp_path: Path) -> None:
    """With nothing but what pip brings from an index, `got-loaders doctor` finds all in order."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    pins = str(ROOT / "constraints.txt")
    install = (python, "-m", "pip", "install", "--quiet", "-c", pins, f"{wheel}[langchain]")
    subprocess.run(install, check=True, cwd=tmp_path)
    command = (tmp_path / "env" / "bin" / "got-loaders", "doctor", "--model", "tiny")
    done = subprocess.run(command, check=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.endswith("ready to read\n")
