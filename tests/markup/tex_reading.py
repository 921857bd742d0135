r"""What would stop a TeX engine in a document, found without one.

It can't find all that an engine would; where one is on the PATH, the tests compile as well.
"""

from __future__ import annotations

import re

from tests.markup.tex_scan import faults_of_body

__all__ = ["faults"]

_SCRIPT = r"\s*(?:\\[A-Za-z]+|[A-Za-z0-9])\s*"
_DOUBLE = re.compile(rf"\^{_SCRIPT}(?:_{_SCRIPT})?\^|(?<=[A-Za-z0-9])_{_SCRIPT}(?:\^{_SCRIPT})?_")


def faults(document: str) -> list[str]:
    """What is wrong with a whole document; nothing, if it should compile."""
    found = _frame(document)
    start = document.find(r"\begin{document}")
    body = document[start + len(r"\begin{document}") : document.rfind(r"\end{document}")]
    found += _titles(document)
    if re.search(r"[㐀-鿿぀-ヿ가-힯]", body) and not re.search("ctex|CJK", document[:start]):
        found.append("Chinese, Japanese or Korean without a package for it")
    return found + _double_scripts(body) + faults_of_body(body, document[:start])


def _frame(document: str) -> list[str]:
    """Faults of the frame: class, one body, nothing after it."""
    wrong = []
    if not document.startswith("\\documentclass") and "\n\\documentclass" not in document[:500]:
        wrong.append("no \\documentclass")
    marks = (r"\begin{document}", r"\end{document}", r"\documentclass")
    wrong += [f"{document.count(m)} {m}" for m in marks if document.count(m) != 1]
    if not document.rstrip().endswith(r"\end{document}"):
        wrong.append(r"something after \end{document}")
    return wrong


def _titles(document: str) -> list[str]:
    titles = [match.start() for match in re.finditer(r"\\title\s*\{", document)]
    made = [match.start() for match in re.finditer(r"\\maketitle(?![A-Za-z])", document)]
    if len(titles) > 1 or len(made) != len(titles):
        return [f"{len(titles)} titles, {len(made)} maketitles"]
    return ["maketitle before its title"] if made and made[0] < titles[0] else []


def _double_scripts(body: str) -> list[str]:
    """Two superscripts or subscripts on one base: TeX stops there."""
    body = re.sub(r"\\begin\{verbatim\}.*?\\end\{verbatim\}", "", body, flags=re.DOTALL)
    body = re.sub(r"\\[^A-Za-z]", "..", body)
    flat, before = body, ""
    while flat != before:
        before, flat = flat, re.sub(r"\{[^{}]*\}", "G", flat)
        if double := _DOUBLE.search(flat):
            return [f"two scripts of one kind: {double[0]!r}"]
    return []
