"""What becomes of the Markdown that OCR models write: GFM, HTML, formulas, in all their habits."""

from __future__ import annotations

import pytest

from got_loaders.markup import content_kind, to_html, to_latex, to_markdown, to_text

SHOWN = {
    "heading, bold, italic": ("# A **b**\n\n*c* d\n", "# A **b**\n\n*c* d"),
    "underlined heading": ("A\n===", "# A"),
    "a rule below a paragraph": ("One line\nand another\n---\nb", "One line  \nand another\n\nb"),
    "struck out": ("~~a~~ <del>b</del>", "a b"),
    "scripts": ("H<sub>2</sub>O x<sup>ab</sup>", r"H₂O x$^{\text{ab}}$"),
    "table": ("| a | b |\n|:--|--:|\n| 1 | 2 |", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
    "table without outer bars": ("a | b\n--- | ---\n1 | 2", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
    "row longer than the head": (
        "| a | b |\n|---|---|\n| 1 | 2 | 3 |",
        "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |",
    ),
    "text right below a table": ("|a|\n|-|\n|1|\nSource: b", "| a |\n| --- |\n| 1 |\n\nSource: b"),
    "bars in a formula of a table": (
        "| $|x|$ | a \\| b |\n|---|---|\n| `c` | d |",
        "| $\\|x\\|$ | a \\| b |\n| --- | --- |\n| `c` | d |",
    ),
    "table of HTML": (
        "<table><thead><tr><th colspan='2'>H</th></tr></thead><tr><td>a<br>b<td><b>c</b></table>",
        "| H |  |\n| --- | --- |\n| a<br>b | **c** |",
    ),
    "rows that span, and an empty cell": (
        "<table><tr><td rowspan=2>A</td><td></td><td>x</td></tr><tr><td></td><td>y</table>",
        "| A |  | x |\n| --- | --- | --- |\n| A |  | y |",
    ),
    "blank lines in a table": (
        "<table>\n<tr>\n\n<td>a</td>\n\n</tr>\n</table>\n",
        "| a |\n| --- |",
    ),
    "a table in a line": (
        "x <table><tr><th>a<td>b</table> y",
        "x\n\n| a | b |\n| --- | --- |\n\ny",
    ),
    "a table cut off": ("<table><tr><td>a</td><td>b", "| a | b |\n| --- | --- |"),
    "caption": ("<table><caption>T</caption><tr><td>a</td></tr></table>", "T\n\n| a |\n| --- |"),
    "a table in a cell": (
        "<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table></td></tr></table>",
        "| a<br>b c |\n| --- |",
    ),
    "comparison in a formula of a cell": (
        "<table><tr><td>$a<b$</td><td>c</td></tr></table>",
        "| $a< b$ | c |\n| --- | --- |",
    ),
    "bold in a cell of HTML": ("<table><tr><td>**a**</td></tr></table>", "| **a** |\n| --- |"),
    "formulas": (
        "$x^2$ \\(y_1\\) $ z $\n\n$$\na\n$$\n\n\\[b=1\\]",
        "$x^2$ $y_1$ $z$\n\n$$a$$\n\n$$b=1$$",
    ),
    "formula with signs of Markdown": ("$a_1 * b_2 * c$", "$a_1 * b_2 * c$"),
    "environment": (
        "\\begin{align}a&=1\\\\b&=2\\end{align}",
        "$$\\begin{aligned} a&=1\\\\b&=2 \\end{aligned}$$",
    ),
    "table of LaTeX": ("\\begin{tabular}{l}a\\\\b\\end{tabular}", "| a |\n| --- |\n| b |"),
    "math of HTML": ('<math display="block">x^2 &lt; y</math>', "$$x^2 < y$$"),
    "numbers as formulas": ("$16 \\%$ of it", "16% of it"),
    "money": ("$5 and $10, ($5, $6)", "\\$5 and \\$10, (\\$5, \\$6)"),
    "escaped brackets": ("see \\[1\\] and \\(see that there\\)", "see [1] and (see that there)"),
    "products": ("2*3*4=24", "2\\*3\\*4=24"),
    "nested lists": ("- a\n  - b\n    1. c\n- d", "- a\n  - b\n    1. c\n- d"),
    "start of a list": ("3. a\n4. b", "3. a\n4. b"),
    "numbers that jump": ("1. a\n3. b", "- 1\\. a\n- 3\\. b"),
    "the same number each time": ("1. a\n1. b", "1. a\n2. b"),
    "a year alone": ("2019.", "2019\\."),
    "a dash alone": ("-", "\\-"),
    "bullets that are none of Markdown's": ("• a\n• b\n• c", "- a\n- b\n- c"),
    "list of HTML": ("<ul><li>a<ol start=3><li>b</ol></li><li>c</ul>", "- a\n\n  3. b\n- c"),
    "boxes": ('<input type="checkbox" checked> a', "☑ a"),
    "code": ("```py\nx = $1$\n```\n\n`a*b`", "```py\nx = $1$\n```\n\n`a*b`"),
    "what only looks like a language": ('```js title="a"\nb\n```', '```\njs title="a"\nb\n```'),
    "quotation": ("> a\n> b", "a  \nb"),
    "more than": ("> 5 %", "\\> 5 %"),
    "links": (
        "[a](http://b/c_d) [b.de](http://b.de/) <x@y.de> [c](javascript:d)",
        "a (http://b/c_d) b.de x@y.de c (javascript:d)",
    ),
    "no definition of a link": ("[Note]: important", "[Note\\]: important"),
    "picture": ("![](i.png)\n\na ![b](i.png)", "[image: i.png]\n\na [image: b (i.png)]"),
    "picture of PaddleOCR-VL": (
        '<div style="text-align: center;"><img src="imgs/a.jpg" alt="Image" width="5%" /></div>',
        "[image: imgs/a.jpg]",
    ),
    "picture that is described": ("<img>A chart</img>", "[image: A chart]"),
    "picture within": ("![a](data:image/png;base64,AAAA)", "[image: a]"),
    "figure": (
        '<figure><img src="a.png"><figcaption>Fig. 1</figcaption></figure>',
        "[image: a.png]\n\nFig. 1",
    ),
    "tags of OCR models": (
        "<watermark>COPY</watermark>\n\n<page_number>12</page_number>",
        "COPY\n\n12",
    ),
    "unknown tags": ("<foo>a</foo> List<String> <name>", "a List\\<String> \\<name>"),
    "comparisons": ("a <b and c> d <e", "a \\<b and c> d \\<e"),
    "comment": ("a <!-- Page 3 --> b <!-- c", "a Page 3 b \\<!-- c"),
    "block of HTML": ('<div align="center">\n\n# A\n\n</div>', "# A"),
    "block of HTML without blank lines": ("<center>\n**A**\n# B\n</center>", "**A**\n\n# B"),
    "page of HTML": ("<h1>A</h1><p>b</p><p>c &amp; d</p>", "# A\n\nb\n\nc & d"),
    "footnotes": ("a[^1]\n\n[^1]: b\n[^2]: c", "a¹\n\n¹ b\n\n² c"),
    "rules": ("a\n\n---\n\nb\n\n______", "a\n\nb\n\n\\_\\_\\_\\_\\_\\_"),
    "hard breaks": ("a  \nb\\\nc<br>d", "a  \nb  \nc  \nd"),
    "indents": ("    a\n\n        b", "a\n\nb"),
    "a fence around all": ("```markdown\n# A\n```py\nb\n```\nc\n```", "# A\n\n```py\nb\n```\n\nc"),
    "a fence cut off": ("```markdown\n# A\nb", "# A\n\nb"),
    "Markdown in a fence": ("Here it is:\n```markdown\n# A\n```", "Here it is:\n\n# A"),
    "front matter of olmOCR": ("---\nprimary_language: en\nis_table: False\n---\n# A", "# A"),
    "other front matter": ("---\ntitle: a\nby: b\n---\nc", "title: a  \nby: b\n\nc"),
    "places of DeepSeek-OCR": (
        """<|ref|>title<|/ref|><|det|>[[9, 5, 90, 9]]<|/det|>
# A

<|ref|>text<|/ref|><|det|>[[9, 10, 90, 20], [9, 30, 90, 40]]<|/det|>
b $1

<|ref|>image<|/ref|><|det|>[[9, 40, 90, 50]]<|/det|>

<|ref|>table<|/ref|><|det|>[[9, 5, 90, 9]]<|/det|>
<table><tr><td>c</td></tr></table><\uff5cend\u2581of\u2581sentence\uff5c>""",
        "# A\n\nb \\$1\n\n[image]\n\n| c |\n| --- |",
    ),
    "a ref that is no place": ("a <|ref|>b<|/ref|> c", "a <\\|ref\\|>b<\\|/ref\\|> c"),
    "a picture without a name": ("![](data:image/png;base64,AA)", "[image]"),
    "nothing": ("", ""),
    "blanks": (" \n\t\n", ""),
    "control characters as entities": ("&#60;&#1;b&#62; &#8238;a", "<\ufffdb> a"),
}


@pytest.mark.parametrize(("reading", "markdown"), SHOWN.values(), ids=SHOWN)
def test_markdown_becomes_ours(reading: str, markdown: str) -> None:
    """Each habit becomes the Markdown that our own readings are written in."""
    assert to_markdown(reading, language="markdown") == markdown


def test_all_forms_come_from_one_tree() -> None:
    """A table, a list and a formula are such in HTML, LaTeX and text as well."""
    reading = "## A & B\n\n- $x$\n\n<table><tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</table>"
    assert to_html(reading, language="markdown") == (
        '<h2>A &amp; B</h2>\n<ul>\n<li><span class="math inline">\\(x\\)</span></li>\n</ul>\n'
        '<table>\n<tr><th rowspan="2">a</th><th>b</th></tr>\n<tr><td>c</td></tr>\n</table>'
    )
    latex = to_latex(reading, language="markdown")
    assert "\\section*{A \\& B}" in latex
    assert "\\multirow{2}{*}{a} & b" in latex
    assert to_text(reading, language="markdown") == "A & B\n\n- x\n\na\tb\na\tc"
    assert "<th rowspan" in to_markdown(reading, language="markdown", table_format="html")


def test_nothing_hostile_acts() -> None:
    """Scripts, handlers, addresses and commands that do more than draw are characters."""
    reading = (
        "<script>alert(1)</script>\n\n<img src=x onerror=alert(2)>\n\n"
        '[a](javascript:alert(3)) <a href="javascript:alert(4)" onclick="b">c</a>\n\n'
        '```x"><script>\nd\n```\n\n$\\href{javascript:e}{f}$ $$\\input{/etc/passwd}$$\n\n'
        "| $\\write18{g}$ |\n|---|\n| <iframe src=h></iframe> |\n\n\\input{i}\n\n"
        "```tikz\n\\begin{tikzpicture}\\input{j}\\end{tikzpicture}\n```\n"
    )
    html = to_html(reading, language="markdown")
    assert "<script" not in html.lower()
    assert "<img" not in html
    assert "href=" not in html
    assert "<iframe" not in html
    assert "\\href" not in html
    latex = to_latex(reading, language="markdown", document=True)
    for command in ("\\input", "\\href", "\\write"):
        assert command not in latex
    markdown = to_markdown(reading, language="markdown")
    assert "\\input{/etc" not in markdown
    assert "\\href" not in markdown


def test_the_kind_is_named_by_a_fence() -> None:
    """Music, drawings and molecules are known by the language of their block."""
    assert content_kind("```kern\n**kern\n```", language="markdown") == "music"
    assert content_kind("\\begin{tikzpicture}\\end{tikzpicture}", language="markdown") == "tikz"
    assert content_kind("**kern**\n\ntext", language="markdown") == "text"


def test_an_unknown_language_is_an_error() -> None:
    """A misspelt language is not taken for another one."""
    with pytest.raises(ValueError, match="language must be"):
        to_text("a", language="html")  # type: ignore[arg-type]  # what is wrong is the point


@pytest.mark.parametrize("element", ["p", "div", "center"])
def test_a_picture_in_the_middle_is_a_picture(element: str) -> None:
    """One that stands alone in an element is set apart, as PaddleOCR-VL centres its pictures."""
    reading = f'a\n\n<{element} align="center"><img src="b.jpg" alt="Image" /></{element}>'
    html = '<p>a</p>\n<p class="image">[image: b.jpg]</p>'
    assert to_html(reading, language="markdown") == html
