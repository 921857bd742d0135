"""The example's notebook: run by a kernel, as Jupyter does."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script that writes it."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return importlib.import_module("write_notebook")


def test_the_notebook_is_what_its_script_writes(source: Any) -> None:
    """Without outputs, so that a change of it can be read."""
    assert source.NOTEBOOK.read_text(encoding="utf-8") == source.text()


@pytest.mark.filterwarnings("ignore::DeprecationWarning:zmq")
def test_the_notebook_runs(source: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell; a page is shown as Markdown and as a picture, and a cell may await."""
    monkeypatch.setenv("PYTHONPATH", f"{EXAMPLES}:{EXAMPLES.parent}")
    notebook: Any = nbformat.reads(source.text(), as_version=4)  # type: ignore[no-untyped-call]  # no types
    client = nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    outputs = {
        name: data
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for name, data in output.get("data", {}).items()
    }
    told = [str(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]
    assert "| Wheel |" in outputs["text/markdown"]
    assert outputs["image/png"]
    assert "1/1" in told[1]
    assert "Spare Parts" in told[4]
    assert "'total_pages': 3" in told[5]
