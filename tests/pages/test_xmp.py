"""What a PDF says of itself in XMP alone."""

from __future__ import annotations

from typing import Any

import pymupdf
import pytest

from got_loaders import GotOcrLoader
from got_loaders.pages.pdf.metadata import document_info
from got_loaders.testing import FakeEngine
from tests.pages import making

XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description rdf:about="">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Pumps &amp; valves</rdf:li>
<rdf:li xml:lang="de">Pumpen</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>A. B.</rdf:li><rdf:li>C. D.</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Water</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def test_a_title_that_only_xmp_has_is_told() -> None:
    """As many programs write it; where both have one, the document's information counts."""
    pdf: Any = pymupdf.Document(stream=making.pdf("x"))  # type: ignore[no-untyped-call]  # no types
    pdf.set_metadata({"author": "E. F."})
    pdf.set_xml_metadata(XMP)
    (document,) = GotOcrLoader(pdf.tobytes(), engine=FakeEngine("READ")).load()
    assert document.metadata["title"] == "Pumps & valves"
    assert document.metadata["author"] == "E. F."
    assert document.metadata["subject"] == "Water"


@pytest.mark.parametrize(
    "xmp",
    ["", "<dc:title>", "</dc:title><dc:title>", "<dc:title><rdf:li></dc:title>", "<" * 500_000],
)
def test_a_damaged_packet_says_nothing(xmp: str) -> None:
    """Nor does it cost time."""
    assert document_info({"title": "  "}, xmp) == {}
    assert document_info({}, XMP)["author"] == "A. B., C. D."
