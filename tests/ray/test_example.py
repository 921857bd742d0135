"""The example of a cluster, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'got-loaders[ray]'")

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.slow
def test_the_example_reads_once(tmp_path: Path) -> None:
    """Its second run finds nothing left to read, and its rows are the pages' Documents."""
    command = (sys.executable, EXAMPLES / "read_on_ray.py", tmp_path)
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=EXAMPLES)
    assert ran.returncode == 0, ran.stderr
    assert "first run: 4 pages read\nsecond run: 0 pages read\n" in ran.stdout
    assert "notice.pdf, page 1: # Notice " in ran.stdout
    assert "report.pdf, page 2: # Spare Parts\n" in ran.stdout
