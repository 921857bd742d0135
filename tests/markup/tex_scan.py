r"""Scans the body of a LaTeX document for what would stop a TeX engine.

A stack holds what is open: braces, environments, formulas, `\left`. Faults are wrong nesting,
active characters where they are not allowed, more cells than columns, formulas over an empty line,
a `\\` with no line to end, lists in each other too deeply, unknown commands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.markup.tex_commands import IN_MATHS_ONLY, KNOWN, VERBATIM

__all__ = ["faults_of_body"]

_TOKEN = re.compile(
    r"""
      \\(?P<mark>begin|end)\s*\{(?P<environment>[^{}\n]*)\}
    | \\(?P<side>left|right)(?![A-Za-z])\s*(?P<delimiter>\\[A-Za-z]+|\\.|.)?
    | \\(?P<command>[A-Za-z@]+)\*?
    | \\(?P<symbol>.)
    | (?P<dollars>\$\$?)
    | (?P<blank>\n[ \t]*\n\s*)
    | (?P<active>[{}&\#%_^])
    | (?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f\x7f])
    """,
    re.VERBOSE | re.DOTALL,
)
_TABULAR = {"tabular", "tabular*", "array", "tabularx", "longtable"}
_ALIGNED = {
    *_TABULAR, "aligned", "align", "align*", "alignedat", "split", "cases", "matrix", "pmatrix",
    "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "eqnarray", "eqnarray*", "gathered",
    "rcases", "dcases",
}  # fmt: skip
_MATHS = {
    "equation", "equation*", "align", "align*", "gather", "gather*", "multline", "multline*",
    "eqnarray", "eqnarray*", "math", "displaymath",
}  # fmt: skip
_DELIMITERS = set("()[].|/<>")
_LISTS = {"itemize": 4, "enumerate": 4}
_COLUMNS = re.compile(r"\s*(?:\[[^\]]*\]\s*)?\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")
_SPAN = re.compile(r"\s*\{\s*(\d+)\s*\}")


@dataclass(slots=True)
class _Open:
    """Something that is open: `{`, `$`, `$$`, `\\(`, `\\[`, `\\left`, or an environment's name."""

    kind: str
    columns: int = 0
    cells: int = 1


@dataclass(slots=True)
class _Scan:
    text: str
    preamble: str = ""
    open: list[_Open] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def fault(self, what: str, position: int) -> None:
        line = self.text.count("\n", 0, position) + 1
        self.faults.append(f"line {line}: {what}: {self.text[position : position + 40]!r}")

    def in_maths(self) -> bool:
        """Whether a formula is open, and no text inside it."""
        for item in reversed(self.open):
            if item.kind == "text{":
                return False
            if item.kind in ("$", "$$", "(", "[") or item.kind in _MATHS:
                return True
        return False

    def push(self, kind: str, columns: int = 0) -> None:
        self.open.append(_Open(kind, columns))

    def pop(self, kinds: tuple[str, ...], what: str, position: int) -> None:
        if self.open and self.open[-1].kind in kinds:
            self.open.pop()
        else:
            inside = self.open[-1].kind if self.open else "nothing"
            self.fault(f"{what} inside {inside}", position)


def faults_of_body(body: str, preamble: str) -> list[str]:
    """What is wrong between `\\begin{document}` and `\\end{document}`."""
    scan, position = _Scan(body, preamble), 0
    while token := _TOKEN.search(body, position):
        position = token.end()
        if token["mark"]:
            position = _environment(scan, token)
        elif token["side"]:
            _side(scan, token)
        elif token["command"]:
            position = _command(scan, token)
        elif token["symbol"]:
            _symbol(scan, token)
        elif token["dollars"]:
            _dollars(scan, token)
        elif token["blank"]:
            if scan.in_maths():
                scan.fault("an empty line in a formula", token.start())
        elif token["control"]:
            scan.fault("a control character", token.start())
        else:
            _active(scan, token)
    scan.faults += [f"never closed: {item.kind}" for item in scan.open]
    return scan.faults


def _environment(scan: _Scan, token: re.Match[str]) -> int:
    name, end = token["environment"], token.end()
    if name in VERBATIM and token["mark"] == "begin":
        close = scan.text.find(f"\\end{{{name}}}", end)
        if close < 0:
            scan.fault("verbatim never closed", token.start())
            return len(scan.text)
        return close + len(f"\\end{{{name}}}")
    if token["mark"] == "end":
        if scan.open and scan.open[-1].kind == name:
            _row(scan, token.start())
        scan.pop((name,), f"\\end{{{name}}}", token.start())
        return end
    provided = f"\\providecommand{{\\{name}}}" in scan.preamble
    if name not in KNOWN and not provided:
        scan.fault("unknown environment", token.start())
    depth = sum(item.kind == name for item in scan.open)
    if depth >= _LISTS.get(name, 99) and "setlistdepth" not in scan.preamble:
        scan.fault("lists in each other too deeply", token.start())
    columns = 0
    if name in _TABULAR:
        spec = _COLUMNS.match(scan.text, end)
        if spec is None:
            scan.fault("a table without columns", token.start())
        else:
            columns, end = _count_columns(spec[1]), spec.end()
    scan.push(name, columns)
    return end


def _count_columns(spec: str) -> int:
    """How many columns a specification has: letters, without what stands in braces."""
    flat = re.sub(r"[@!<>]\s*\{(?:[^{}]|\{[^{}]*\})*\}", "", spec)
    flat = re.sub(r"\{(?:[^{}]|\{[^{}]*\})*\}", "", flat)
    return len(re.findall(r"[A-Za-z]", flat))


def _row(scan: _Scan, position: int) -> None:
    item = scan.open[-1]
    if item.columns and item.cells > item.columns:
        scan.fault(f"{item.cells} cells in {item.columns} columns", position)
    item.cells = 1


def _side(scan: _Scan, token: re.Match[str]) -> None:
    delimiter = token["delimiter"] or ""
    if delimiter not in _DELIMITERS and not delimiter.startswith("\\"):
        scan.fault("no delimiter", token.start())
    if not scan.in_maths():
        scan.fault(f"\\{token['side']} outside a formula", token.start())
    if token["side"] == "left":
        scan.push("left")
    else:
        scan.pop(("left",), "\\right", token.start())


def _command(scan: _Scan, token: re.Match[str]) -> int:
    name, end = token["command"], token.end()
    provided = f"\\providecommand{{\\{name}}}" in scan.preamble
    if name not in KNOWN and not provided:
        scan.fault("unknown command", token.start())
    if name in IN_MATHS_ONLY and not scan.in_maths():
        scan.fault("maths outside a formula", token.start())
    if name == "multicolumn" and scan.open and (span := _SPAN.match(scan.text, end)):
        scan.open[-1].cells += int(span[1]) - 1
    if name in ("text", "mbox", "textrm", "textbf", "textit", "hbox", "textsuperscript"):
        brace = re.compile(r"\s*\{").match(scan.text, end)
        if brace:
            scan.push("text{")
            return brace.end()
    return end


def _symbol(scan: _Scan, token: re.Match[str]) -> None:
    symbol = token["symbol"]
    if symbol == "\\":
        before = scan.text[: token.start()]
        if not scan.open and (not before.strip() or re.search(r"\n[ \t]*\n\s*$", before)):
            scan.fault("no line to end", token.start())
        if scan.open and scan.open[-1].columns:
            _row(scan, token.start())
    elif symbol in "([":
        if scan.in_maths():
            scan.fault("a formula in a formula", token.start())
        scan.push(symbol)
    elif symbol in ")]":
        scan.pop(("(" if symbol == ")" else "[",), f"\\{symbol}", token.start())


def _dollars(scan: _Scan, token: re.Match[str]) -> None:
    if scan.open and scan.open[-1].kind == token["dollars"]:
        scan.open.pop()
    elif scan.in_maths():
        scan.fault("a dollar in a formula", token.start())
    else:
        scan.push(token["dollars"])


def _active(scan: _Scan, token: re.Match[str]) -> None:
    character = token["active"]
    if character == "{":
        scan.push("{")
    elif character == "}":
        scan.pop(("{", "text{"), "}", token.start())
    elif character == "&":
        if scan.open and scan.open[-1].kind in _ALIGNED:
            scan.open[-1].cells += 1
        else:
            scan.fault("& outside a table", token.start())
    elif character == "%":
        if not scan.text.startswith("\n", token.end()):
            scan.fault("a comment", token.start())
    elif character == "#":
        scan.fault("#", token.start())
    elif not scan.in_maths():
        scan.fault(f"{character} outside a formula", token.start())
