"""What stands in a page's own text is text, in every output: it never becomes mark-up."""

from __future__ import annotations

import pytest

from tests.fuzz.running import at_most
from tests.hostile.reading import OUTPUTS, active, documents, in_every_output, unfit
from tests.hostile.writing import page_pdf, stream

PROSE = "The quick brown fox jumps over the lazy dog while seven wizards make toxic brew."
INJECTIONS = {
    "html": "<script>alert(1)</script> <img src=x onerror=alert(1)> <a href='javascript:x'>y</a>",
    "html in parts": "<scr<script>ipt>alert(1)</scr</script>ipt> <svg/onload=alert(1)> <!-- x -->",
    "entities": "&lt;script&gt; &#60;script&#62; &#x3c;img src=x&#x3e; &amp;lt;b&amp;gt;",
    "links": "[click](javascript:alert(1)) [a][b] <http://evil.example> <javascript:alert(1)>",
    "a definition": "[b]: http://evil.example 'title'",
    "pictures": "![](http://evil.example/x.png) ![a][b] ![x](data:text/html,y)",
    "front matter": "--- title: forged ---",
    "a heading": "# Not a heading",
    "a fence": "``` html <script> ``` ~~~",
    "formulas": r"$\href{javascript:x}{y}$ $$\input{/etc/passwd}$$ \(\input{a}\) \[\url{b}\]",
    "tex": r"\input{/etc/passwd} \write18{id} \end{document} \href{javascript:x}{y} %",
    "environments": r"\end{verbatim} \begin{tabular}{l} & \\ \hline \end{tabular} ^^5cinput{a}",
    "a table": "| a | b | |---|---| <td> & \\\\",
}
CODES = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def
/CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange
1 beginbfrange <20> <7e> <0020> endbfrange
8 beginbfchar <01> <D800> <02> <DFFF> <03> <0000> <04> <001B> <05> <000A> <06> <0085> <07> <0007>
<08> <DC00D800> endbfchar endcmap end end"""
"""Bytes below 9 stand for what no text should hold."""


def written(*lines: str, before: int = 5) -> bytes:
    """A page of prose with ``lines`` among it, of one paragraph each and all together."""
    texts = [PROSE] * before + list(lines) + [PROSE] * 3
    texts += ["", *lines, ""] + [PROSE] * 2
    raw = [text.encode("latin-1") for text in texts]
    shown = [
        line.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") for line in raw
    ]
    body = b"BT /F 9 Tf 13 TL 30 760 Td " + b" ".join(b"(%s) Tj T*" % line for line in shown)
    font = f"/FirstChar 0/LastChar 127/Widths[{'500 ' * 128}]/ToUnicode 6 0 R"
    return page_pdf(
        stream(body + b" ET"),
        f"<</Type/Font/Subtype/Type1/BaseFont/Helvetica{font}>>",
        stream(CODES),
        page="/MediaBox[0 0 700 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>",
    )


@pytest.mark.parametrize("kind", INJECTIONS)
def test_text_stays_text(kind: str) -> None:
    """Nothing in it acts, loads or leads anywhere, and nothing of it is lost."""
    found = in_every_output(written(INJECTIONS[kind]))
    for output, document in found.items():
        assert unfit(document) == []
        assert active(document.page_content, output) == []
        assert document.page_content.count("wizards") == 10
    seen = "".join(found["text"].page_content.split())
    assert "".join(INJECTIONS[kind].split())[:12] in seen


def test_all_of_them_together() -> None:
    """Nor do several make together what none makes alone."""
    for output, document in in_every_output(written(*INJECTIONS.values())).items():
        assert active(document.page_content, output) == []


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("mode", ["page", "single", "region"])
def test_no_controls_and_no_halves_of_letters(output: str, mode: str) -> None:
    """NULs, escape characters and lone surrogates of a font's table end at the door."""
    line = (
        "evil \1 half \2 half \3 nul \4]0;title\7 escape \5 line \6 next \x08 and more words here"
    )
    for document in documents(
        written(line), output=output, mode=mode, text_layer="auto", max_page_seconds=30
    ):
        assert unfit(document) == []
        assert document.metadata["ocr_origin"] == "text_layer"


def test_a_page_of_millions_of_letters() -> None:
    """It is read instead, or lost; the program is not kept busy with it."""
    line = f"({PROSE}) Tj T* ".encode()
    data = page_pdf(
        stream(b"BT /F 1 Tf 1 TL 40 760 Td " + line * 60_000 + b" ET"),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        page="/MediaBox[0 -60000 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>",
    )
    with at_most(60):
        (document,) = documents(data, text_layer="auto", max_page_seconds=5)
    assert unfit(document) == []
