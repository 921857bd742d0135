"""A notebook shows the page beside its reading."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from got_loaders import Box, OcrResult, PageInfo, PageResult, Region, read
from got_loaders.testing import FakeEngine
from tests.pages import making

READING = r"\section*{Head} \(x^2\) costs $5, <script>alert(1)</script>"


def shown_picture(html: str) -> Image.Image:
    """The only picture of a cell."""
    (data,) = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_cell_has_the_page_its_region_and_the_reading(tmp_path: Path) -> None:
    """In one piece, without a script; nothing that was read acts, and a dollar is a dollar."""
    path = tmp_path / "a.pdf"
    path.write_bytes(making.pdf("one"))
    boxes = [(0, 0, 100, 100)]
    (result,) = read(path, engine=FakeEngine(READING), regions=boxes)
    html = result._repr_html_()
    assert "<h2>Head</h2>" in html
    assert "<math" in html
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "mathjax_ignore" in html
    assert "page 1 of 1, region 1" in html
    with shown_picture(html) as picture:
        red = np.asarray(picture.convert("RGB")).astype(int)
        columns = np.flatnonzero(((red[:, :, 0] > 180) & (red[:, :, 1] < 120)).any(axis=0))
        assert picture.size == (800, 400)
        assert 395 <= columns.max() <= 405
    assert "Head" in result._repr_markdown_()


def test_a_cell_without_the_document_has_the_reading(tmp_path: Path) -> None:
    """It says why there is no picture, and asks no network for one."""
    data = making.pdf("one")
    path = tmp_path / "gone.pdf"
    path.write_bytes(data)
    (result,) = read(path, engine=FakeEngine(READING))
    path.unlink()
    html = result._repr_html_()
    assert "Head" in html
    assert "no picture: there is no such file" in html
    assert "<img" not in html
    url = replace(result.info, source="https://example.org/a.pdf")
    assert "it would be downloaded once more" in replace(result, info=url)._repr_html_()
    (from_bytes,) = read(data, engine=FakeEngine(READING))
    assert "was read from bytes" in from_bytes._repr_html_()
    info = PageInfo(source="<b>.pdf")
    failed = PageResult(info=info, origin="failed", error="<b>.pdf: broken")._repr_html_()
    assert "&lt;b&gt;.pdf: broken" in failed
    assert "<b>" not in failed
    region = Region(box=Box(0, 0, 9, 9), type="table")
    plain = PageResult(info=info, ocr=OcrResult(text="a\nb"), formatted=False, region=region)
    assert '<pre class="plain">a\nb</pre>' in plain._repr_html_()
