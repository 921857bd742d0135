"""The reader's own process: its memory stays under a bound, whatever it reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import got_loaders

ROOT = Path(got_loaders.__file__).parents[1]
MOST_MB = 500
"""An image of 19 million pixels is 57 MB of RGB, which is there up to four times while it is looked
at; PIL, numpy and langchain-core take 150 MB. The engine here lets go of what it has answered: the
queue of a busy one holds up to 32 pages or regions more."""

SCRIPT = """
import json, re, sys
from pathlib import Path
from PIL import Image, ImageDraw
from got_loaders import read
from got_loaders.testing import FakeEngine
from tests.fuzz.mutations import mutant
from tests.fuzz.running import outcome
from tests.hostile import test_image_bombs, test_pdf_bombs
from tests.hostile.reading import results
from tests.pages import making

picture = Image.new("L", (4350, 4350), "white")
for row in range(100, 4000, 500):
    ImageDraw.Draw(picture).rectangle((300, row, 4000, row + 60), "black")
class Forgetful(FakeEngine):
    def submit(self, request):
        future = super().submit(request)
        self.requests.clear()
        return future

large = making.image(picture, "PNG")
kinds = []
for regions in (None, "auto"):
    engine = Forgetful("text")
    found = read(large, engine=engine, max_page_seconds=20, regions=regions)
    kinds += [result.origin for result in found][:1]
for make in test_image_bombs.BOMBS.values():
    kinds += [r.origin for r in results(make())]
for side in (100, 4000):
    kinds += [r.origin for r in results(test_image_bombs.squeezed(side))]
kinds += [r.origin for r in results(test_pdf_bombs.laughing(3), max_page_seconds=0.5)]
for number in range(20):
    outcome(mutant(number)[1], number)
print(json.dumps({
    "kinds": kinds,
    "mb": int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1000,
    "torch": "torch" in sys.modules,
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory otherwise")
def test_the_memory_of_the_reader_is_bounded() -> None:
    """A large image, bombs and mutants, one after the other, in one process."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["kinds"][:2] == ["ocr", "ocr"]
    assert told["kinds"].count("failed") >= 10
    assert told["mb"] < MOST_MB
    assert not told["torch"]
