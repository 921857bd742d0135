r"""Documents with a known structure, as the model would write them, and ways to break them.

Words are runs of the letters in :data:`LETTERS`, which no command and no column specification
has: whatever is done to a document, its words can be told from its mark-up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hypothesis import strategies as st

__all__ = ["Built", "broken", "built", "content", "paragraphs", "words"]

LETTERS = "QWXZJ"
_ACTIVE = [
    "&",
    "%",
    "#",
    "_",
    "$5",
    "*",
    "`",
    "<b>",
    "[a](b)",
    "~",
    "^",
    "|",
    "# ",
    "> ",
]
_ESCAPED = [r"\&", r"\%", r"\#", r"\_", r"\$", r"\{", r"\}"]
_HEADINGS = {"title": 1, "section*": 2, "subsection*": 3, "subsubsection*": 4}


@dataclass(frozen=True, slots=True)
class Built:
    """A document, and the structure that its Markdown must have."""

    source: str
    headings: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)


def words(text: str) -> list[str]:
    """The words of a built document, or of what became of it."""
    return re.findall(f"[{LETTERS}]+", text)


def content(source: str) -> list[str]:
    """The words of a source that are not in the column specification of a table."""
    return words(re.sub(r"(\\begin\{tabular\}\s*)\{[^{}]*\}", r"\1", source))


WORDS = st.text(LETTERS, min_size=2, max_size=5)
LINES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
FORMULAS = st.sampled_from(["a < b", r"\frac{1}{2}", "x^{2}", r"\left( y \right)", r"\alpha_{i}"])


def _heading(command: str, words: str, over_lines: bool) -> Built:
    brace = f"{{\n{words}\n}}" if over_lines else f"{{{words}}}"
    return Built(f"\\{command}{brace}", headings=[f"{_HEADINGS[command]} {words}"])


def _paragraph(words: str, formula: str, active: str, escaped: str) -> Built:
    return Built(f"{active} {words} \\( {formula} \\) {words} {escaped}", formulas=[f"${formula}$"])


def _display(formula: str) -> Built:
    return Built(f"\\[\n{formula}\n\\]", formulas=[f"$${formula}$$"])


def _list(items: list[str], inner: list[str], numbered: bool) -> Built:
    name, mark = ("enumerate", "1. ") if numbered else ("itemize", "- ")
    body = "".join(f"\\item {item}\n" for item in items)
    nested = "".join(f"\\item {item}\n" for item in inner)
    nested = f"\\begin{{itemize}}\n{nested}\\end{{itemize}}\n" if inner else ""
    marked = [mark + item for item in items] + [f"  - {item}" for item in inner]
    return Built(f"\\begin{{{name}}}\n{body}{nested}\\end{{{name}}}", items=marked)


def _plain_list(items: list[str], inner: list[str], mark: str, after: str) -> Built:
    """A list without mark-up, and text before and after it that is none of it."""
    numbered = mark == "1."
    marks = [f"{n}." if numbered else mark for n, _ in enumerate(items, 1)]
    lines = [f"{m} {item}" for m, item in zip(marks, items, strict=True)]
    lines += [f"    - {item}" for item in inner]
    shown = "1. " if numbered else "- "
    marked = [shown + item for item in items] + [f"  - {item}" for item in inner]
    return Built("\n".join([after, *lines, after]), items=marked)


def _single(mark: str, words: str) -> Built:
    """A line that begins like an item, alone."""
    return Built(f"{words}\n{mark} {words}\n{words}")


def _table(rows: list[list[str]], formula: str) -> Built:
    lines = [[*row[:-1], f"{row[-1]} \\( {formula} \\)"] for row in rows]
    body = "".join(f"\\hline {' & '.join(line)} \\\\\n" for line in lines)
    return Built(
        f"\\begin{{tabular}}{{|{'l|' * len(rows[0])}}}\n{body}\\hline\n\\end{{tabular}}",
        tables=[[[*row[:-1], f"{row[-1]} ${formula}$"] for row in rows]],
        formulas=[f"${formula}$"] * len(rows),
    )


def _spanning(top: str, left: str, cells: list[str]) -> Built:
    a, b, c, d = cells
    source = (
        "\\begin{tabular}{|c|c|c|}\n"
        f"\\hline \\multirow{{2}}{{*}} {{{left}}} & \\multicolumn{{2}}{{|c|}} {{ {top} }} \\\\\n"
        f"\\cline {{ 2 - 3 }} & {a} & {b} \\\\\n\\hline {c} & {d} & \\\\\n\\hline\n\\end{{tabular}}"
    )
    return Built(source, tables=[[[left, top, top], [left, a, b], [c, d, ""]]])


BLOCKS = st.one_of(
    st.builds(_heading, st.sampled_from(sorted(_HEADINGS)), LINES, st.booleans()),
    st.builds(_paragraph, LINES, FORMULAS, st.sampled_from(_ACTIVE), st.sampled_from(_ESCAPED)),
    st.builds(_display, FORMULAS),
    st.builds(
        _list,
        st.lists(LINES, min_size=1, max_size=3),
        st.lists(LINES, max_size=2),
        st.booleans(),
    ),
    st.integers(2, 4).flatmap(
        lambda columns: st.builds(
            _table,
            st.lists(st.lists(LINES, min_size=columns, max_size=columns), min_size=1, max_size=3),
            FORMULAS,
        )
    ),
    st.builds(
        _plain_list,
        st.lists(LINES, min_size=2, max_size=4),
        st.lists(LINES, max_size=2),
        st.sampled_from(["-", "•", "*", "1."]),
        LINES,
    ),
    st.builds(_single, st.sampled_from(["-", "*", "1.", "7)", "(a)"]), LINES),
    st.builds(_spanning, LINES, LINES, st.lists(LINES, min_size=4, max_size=4)),
)


def _joined(blocks: list[Built]) -> Built:
    return Built(
        "\n\n".join(block.source for block in blocks),
        headings=[line for block in blocks for line in block.headings],
        items=[line for block in blocks for line in block.items],
        formulas=[line for block in blocks for line in block.formulas],
        tables=[table for block in blocks for table in block.tables],
    )


def paragraphs() -> st.SearchStrategy[str]:
    """Lines of active characters, with mark-up between them that leaves little or nothing."""
    return st.lists(st.sampled_from(_CHARACTERS), max_size=25).map("".join)


_CHARACTERS = [
    *(
        "#",
        "# ",
        "1. ",
        "- ",
        "+ ",
        "|",
        "---",
        "===",
        ":-:",
        "<b>",
        "<!--",
        "&amp;",
        "[",
        "](",
        "]:",
    ),
    *(
        "!",
        "`",
        "```",
        "*",
        "_",
        "~~",
        "> ",
        "\n",
        "\n\n",
        " ",
        "    ",
        "\t",
        "\\\\",
        "\\",
        "$",
        "$5",
    ),
    *(
        "\\textbf{A}",
        "\\textit{*}",
        "\\texttt{`}",
        "\\(x\\)",
        "\\(\\quad\\)",
        "{}",
        "\\noindent ",
        "A",
    ),
    *(
        "\\({ }^{1}\\)",
        "7",
        "<",
        "http://a.b",
        "www.a.b",
        "\\footnote{-}",
        "\\&",
        "\\#",
        "\\$",
        "\r\n",
        "=",
        "^",
    ),
]


def built() -> st.SearchStrategy[Built]:
    """Sound documents of a few blocks."""
    return st.lists(BLOCKS, min_size=1, max_size=5).map(_joined)


@st.composite
def broken(draw: st.DrawFn) -> str:
    """Documents that were cut, robbed of marks, doubled in part or stirred."""
    text = draw(built()).source
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        match draw(st.sampled_from(["cut", "marks", "double", "move", "insert"])):
            case "cut":
                text = text[: max(start, 1)]
            case "marks":
                text = text[:start] + re.sub(r"[{}\\&\[\]()]", "", text[start:end]) + text[end:]
            case "double":
                text = text[:end] + text[start:]
            case "move":
                text = text[:start] + text[end:] + text[start:end]
            case "insert":
                text = text[:start] + draw(st.sampled_from(_INSERTED)) + text[start:]
    return text


_INSERTED = [
    *(
        "{",
        "}",
        "$",
        "&",
        "\\\\",
        "\\",
        "\n\n",
        "|",
        "\\(",
        "\\)",
        "\\[",
        "\\]",
        "\\left(",
        "\\right",
    ),
    *(
        "\\begin{tabular}",
        "\\end{tabular}",
        "\\multirow{",
        "\\multicolumn{3}",
        "\\item",
        "\\item [",
    ),
    *("\\begin{itemize}", "\\end{enumerate}", "\\title{", "\\textbf{", "\\footnote{", "\\caption{"),
    *("\\begin{table}", "\\begin{abstract}", "\\end{abstract}", "\\begin{aligned}", "\n# ", "\n- "),
    *(
        "<i>",
        "```",
        "\\texttt{`",
        "**kern",
        "\\begin{verbatim}",
        "\\end{verbatim}",
        "%",
        "\r\n",
        "\t",
    ),
    *(
        "\\begin{tikzpicture}",
        "<smiles>",
        "{'a': ",
        "\\author{",
        "\\and ",
        "\\unknown{",
        "^",
        "_",
        "#",
    ),
    *(
        "\\hline",
        "\\cline{1-",
        "\\tag{1}",
        "\\text {",
        "\\begin{center}",
        "\\footnotetext[1]{",
        "$$",
    ),
]
