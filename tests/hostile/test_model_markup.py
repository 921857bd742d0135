"""What the model writes is a stranger's text, too: a page may show it what it then writes."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.fuzz.running import at_most
from tests.hostile.reading import OUTPUTS, active, documents, unfit
from tests.markup import html_reading
from tests.markup.markdown_reading import html_of_a_reader_without_maths
from tests.pages import making

PAGE = making.image(Image.new("RGB", (80, 60), "white"), "PNG")

REPLIES = {
    "html": "<script>alert(1)</script> <img src=x onerror=alert(1)> <iframe src=//evil.example>",
    "html in a heading": "\\section*{<script>alert(1)</script>}",
    "html in a table": r"\begin{tabular}{|l|}\hline <script>x</script> \\ \hline\end{tabular}",
    "html in a formula": r"\(a</span><script>alert(1)</script>\) \[</p><img src=x onerror=y>\]",
    "html in code": "\\begin{verbatim}\n</code></pre><script>x</script>\n\\end{verbatim}",
    "a language of code": '\\begin{lstlisting}[language="><script>]\nx\n\\end{lstlisting}',
    "links": r"[a](javascript:alert(1)) \href{javascript:alert(1)}{x} \url{javascript:alert(1)}",
    "a link in a formula": r"\( \href{javascript:alert(1)}{x} \)",
    "a link in a displayed formula": r"\[ \href{javascript:alert(1)}{x} \url{http://a} \]",
    "mathjax": r"\( \require{html} \style{background:url(http://evil)}{x} \cssId{a}{b} \)",
    "katex": r"\( \htmlData{a=b}{x} \htmlStyle{color:red}{y} \htmlClass{c}{z} \)",
    "pictures": r"\includegraphics{http://evil.example/x.png} ![](http://evil.example/x.png)",
    "a picture in a formula": r"\( \includegraphics{http://evil.example/x.png} \)",
    "files": r"\input{/etc/passwd} \include{a} \lstinputlisting{/etc/passwd} \openin5=/etc/passwd",
    "files in a formula": r"\( \input{/etc/passwd} \) \[ \input /etc/passwd \]",
    "files by other names": r"\( \pdffiledump length 99 {/etc/passwd} \filedump length 9 {a} \)",
    "pictures by other names": r"\( \XeTeXpicfile '/etc/a.png' \pdfximage{/etc/a.png} \)",
    "primitives": r"\( \primitive\input{/etc/passwd} \pdfobj file {/etc/passwd} \)",
    "programs": r"\write18{id} \immediate\write18{id} \directlua{os.execute(1)} \ShellEscape{id}",
    "programs in a formula": r"\( \write18{id} \directlua{os.execute('id')} \)",
    "definitions": r"\def\a{\a\a}\a \( \def\a{\a\a}\a \) \newcommand{\b}{\b}\b \let\x\input \x{a}",
    "other letters": r"^^5cinput{/etc/passwd} \catcode`\%=0 %input{a} \csname input\endcsname{a}",
    "an end": r"\end{document} \input{/etc/passwd} \end{verbatim}\input{a} \enddocument",
    "front matter": "---\ntitle: forged\n---\n",
    "definitions of links": "[a]: http://evil.example\n\n[a] ![a]",
    "entities": "&lt;script&gt; &#106;avascript: &colon;",
    "a comment": "<!-- hidden --> <![CDATA[ x ]]> <?php x ?> <!DOCTYPE html>",
    "controls": "a\x00b\x1b]0;t\x07c\x7f\x85d\u2028e",
    "halves of letters": "a\ud800b\udc00",
    "smiles": "<smiles>\\input{/etc/passwd}<script></smiles>",
    "kern": "**kern\n<script>alert(1)</script>\n*-\n",
    "depth": r"\textbf{" * 3000 + "x",
    "depth of lists": "\\begin{itemize}\\item " * 1000,
    "depth of formulas": "\\(" + "{" * 5000 + r"\frac{" * 3000,
}


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("kind", REPLIES)
def test_what_it_writes_does_nothing(kind: str, output: str) -> None:
    """No tag, link, picture or file of it lives in the Document."""
    with at_most(60):
        (document,) = documents(PAGE, REPLIES[kind], output=output, skip_blank=False)
    assert document.metadata["ocr_origin"] == "ocr"
    assert unfit(document) == []
    assert active(document.page_content, output) == []


@pytest.mark.parametrize("output", OUTPUTS)
def test_nor_what_it_writes_plainly(output: str) -> None:
    """Without mark-up it is only escaped."""
    for reply in REPLIES.values():
        (document,) = documents(PAGE, reply, output=output, format=False, skip_blank=False)
        assert unfit(document) == []
        assert active(document.page_content, output) == []


@pytest.mark.parametrize("kind", [kind for kind in REPLIES if "html" in kind])
def test_tables_in_html_within_markdown(kind: str) -> None:
    """The tags of a table are ours, all others are text."""
    (document,) = documents(PAGE, REPLIES[kind], table_format="html", skip_blank=False)
    tags = "".join(html_of_a_reader_without_maths(document.page_content))
    assert html_reading.read(tags).faults == []


@pytest.mark.parametrize("output", OUTPUTS)
def test_all_of_it_together(output: str) -> None:
    """Nor do several make together what none makes alone."""
    texts = [text for kind, text in REPLIES.items() if "depth" not in kind]
    (document,) = documents(PAGE, "\n\n".join(texts), output=output, skip_blank=False)
    assert unfit(document) == []
    assert active(document.page_content, output) == []


def test_the_detector_finds_what_is_live() -> None:
    """A test that can't fail proves nothing."""
    assert active("[a](http://b)", "markdown") == ["link_open"]
    assert active("![a](http://b)", "markdown") == ["a"]
    assert active("x <b>y</b>", "markdown")
    assert active(r"$\href{a}{b}$", "markdown")
    assert active("<script>", "html")
    assert active("<p onclick=x>y</p>", "html")
    assert active(r"\(\input{a}\)", "latex")
    assert not active(r"\textbackslash{}input\{a\}", "latex")
