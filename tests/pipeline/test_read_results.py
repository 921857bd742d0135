"""read and aread take no option that they would ignore."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from PIL import Image

from got_loaders import ReadOptions, aread, read
from got_loaders.errors import OptionError
from got_loaders.pipeline.read_results import FOR_DOCUMENTS
from got_loaders.testing import FakeEngine
from tests.pages import making


@pytest.mark.parametrize(
    ("option", "instead"),
    [
        ({"output": "html"}, r"output='html' .* results: take its \.markdown, \.html"),
        ({"output": "text"}, "format=False asks for a plain reading"),
        ({"output": "raw"}, r"\.ocr\.text, which is what the model wrote"),
        ({"mode": "single"}, r"mode='single' .*\.join\(result\.markdown for result in read"),
        ({"omit_metadata": ()}, r"omit_metadata=\(\) .* its \.info"),
        ({"omit_metadata": ("title",)}, "omit_metadata"),
    ],
)
def test_what_only_shapes_documents_is_refused(option: dict[str, Any], instead: str) -> None:
    """At the call, by name and in ``options=``, with what to use in its place."""
    for call in (read, aread):
        with pytest.raises(OptionError, match=instead):
            call(b"", engine=FakeEngine(), **option)
        with pytest.raises(OptionError, match=instead):
            call(b"", engine=FakeEngine(), options=ReadOptions(**option))


def test_what_changes_a_result_is_taken() -> None:
    """Regions, tables and plain readings; and names win over options that are meant for both."""
    shared = ReadOptions(output="html", mode="single", omit_metadata=(), format=False)
    data = making.image(Image.effect_noise((64, 64), 90), "PNG")
    how: dict[str, Any] = {"output": "markdown", "mode": "page", "omit_metadata": ("moddate",)}
    (result,) = read(data, engine=FakeEngine("a*b"), options=shared, **how)
    assert result.markdown == r"a\*b"
    table = r"\begin{tabular}{l}a\end{tabular}"
    (result,) = read(data, engine=FakeEngine(table), table_format="html", regions=[(0, 0, 60, 60)])
    assert result.markdown.startswith("<table>")
    (result,) = read(data, engine=FakeEngine("x"), mode="region")
    assert result.region_index == 0


def test_each_option_of_the_output_is_decided() -> None:
    """An option about the output acts on results, or is refused for them."""
    output = {f.name for f in fields(ReadOptions) if f.metadata["group"] == "output"}
    acting = {"table_format", "progress", "corrections", "figures", "figures_dir"}
    assert output == {*FOR_DOCUMENTS, *acting}
