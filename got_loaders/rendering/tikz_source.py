r"""TikZ as the model writes it → pictures that TeX can draw.

Put right is what can only have been meant one way: full-width signs (but for those of labels that
are written in such a script), a semicolon that is missing before the next path, and an end that is
missing, where the path that was cut off is left out. The original's own rendering replaces the last
sign of every line by a semicolon; nothing of the kind is done here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["find_pictures", "find_settings", "is_pictures_alone", "repair_picture"]

_BORDER = re.compile(r"\\(begin|end)[ \t]*\{[ \t]*tikzpicture[ \t]*\}")
_PATHS = (
    r"draw|fill|filldraw|shade|shadedraw|path|node|coordinate|clip|pattern|matrix|useasboundingbox"
    r"|addplot"
)
_LONE_PATH = re.compile(rf"\\(?:{_PATHS})(?![A-Za-z])")
_LOOP = rf"[^{{}}]{{0,200}}\{{[^{{}}]{{0,500}}\}}\s*\{{\s*\\(?:{_PATHS})(?![A-Za-z])"
"""What follows where a loop is not within a path: a list, and paths of its own."""
_TOKEN = re.compile(
    rf"""
      (?P<comment>(?<!\\)%[^\n]*)
    | (?P<begin>\\begin[ \t]*\{{[^{{}}]*\}})
    | (?P<end>\\end[ \t]*\{{[^{{}}]*\}})
    | (?P<loop>\\foreach(?={_LOOP}))
    | (?P<path>\\(?:{_PATHS})(?![A-Za-z]))
    | \\(?:[A-Za-z]+|.)
    | (?P<open>\{{) | (?P<close>\}}) | (?P<semicolon>;)
    """,
    re.VERBOSE | re.DOTALL,
)
_EMPTY = re.compile(r"\\begin[ \t]*\{[^{}]*\}\s*(?:\[[^\[\]]*\])?\s*\\end[ \t]*\{[^{}]*\}\s*")
_BLANKS = re.compile(r"[ \t]")
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    0x3002: ".", 0x3001: ",", 0x3000: " ", 0x2212: "-", 0x201C: '"', 0x201D: '"',
}  # fmt: skip
_MAX_DEPTH = 100
"""Of braces and environments; what is deeper is left as it is."""
_WIDE_LETTER = re.compile("[\u3041-\u30fe\u3400-\u9fff\uac00-\ud7a3]")
_SETTINGS = {
    "usetikzlibrary": 1, "usepgfplotslibrary": 1, "pgfplotsset": 1, "tikzset": 1,
    "definecolor": 3, "colorlet": 2, "newcommand": 2, "renewcommand": 2,
}  # fmt: skip
"""Commands outside of pictures that say how these are drawn, and how many groups follow them."""
_SETTING = re.compile(rf"\\({'|'.join(_SETTINGS)})(?![A-Za-z])\*?")
_BRACE = re.compile(r"\\.|[{}]")
_OPTIONAL = re.compile(r"\s*(?:\[[^\[\]]*\]\s*)*")


def find_pictures(text: str) -> list[str]:
    """The pictures in ``text``, repaired; all of it as one, where there are only bare paths."""
    found = [text[start:end] for start, end in _pictures(text)]
    if not found and _LONE_PATH.search(text):
        found = [f"\\begin{{tikzpicture}}\n{text.strip()}\n\\end{{tikzpicture}}"]
    repaired = map(repair_picture, found)
    return [picture for picture in repaired if not _EMPTY.fullmatch(picture)]


def find_settings(text: str) -> list[str]:
    """Libraries, styles, colors and commands that are set outside of the pictures."""
    return list(_settings(_outside(text)))


def is_pictures_alone(text: str) -> bool:
    """Whether there is nothing beside pictures, whole or not, and what is set for them."""
    outside = _outside(text)
    for settings in find_settings(text):
        outside = outside.replace(settings, "")
    return not outside.strip()


def repair_picture(text: str) -> str:
    """One picture that begins with ``\\begin{tikzpicture}``, put right and ended."""
    return _PictureRepair(_narrow(text)).run()


def _outside(text: str) -> str:
    outside, position = [], 0
    for start, end in _pictures(text):
        outside.append(text[position:start])
        position = end
    return "".join([*outside, text[position:]])


def _pictures(text: str) -> Iterator[tuple[int, int]]:
    depth = start = 0
    for match in _BORDER.finditer(text):
        if match[1] == "begin":
            start = start if depth else match.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                yield start, match.end()
    if depth:
        yield start, len(text)


def _narrow(text: str) -> str:
    """Full-width signs as TeX knows them, but not beside letters of such a script in a label."""
    pieces = re.split(r"([{}])", text)
    depth = 0
    for number, piece in enumerate(pieces):
        depth += (piece == "{") - (piece == "}")
        if depth < 1 or not _WIDE_LETTER.search(piece):
            pieces[number] = piece.translate(_FULL_WIDTH)
    return "".join(pieces)


def _settings(text: str) -> Iterator[str]:
    position = 0
    while match := _SETTING.search(text, position):
        position = match.end()
        for _ in range(_SETTINGS[match[1]]):
            end = _group_end(text, position)
            if end is None:
                break
            position = end
        else:
            if position > len(text):
                return
            yield text[match.start() : position]


def _group_end(text: str, position: int) -> int | None:
    """Where the group ends that begins here, after blanks and what is in brackets; None without.

    Beyond the text where it never ends.
    """
    match = _OPTIONAL.match(text, position)
    position = match.end() if match else position
    if text[position : position + 1] != "{":
        return None
    depth = 0
    for brace in _BRACE.finditer(text, position):
        depth += (brace[0] == "{") - (brace[0] == "}")
        if not depth and brace[0] == "}":
            return brace.end()
    return len(text) + 1


@dataclass(slots=True)
class _PictureScope:
    """A brace or environment: what ends it, whether a path in it waits for its semicolon, and
    whether there is one at all."""

    end: str
    waits: bool = False
    draws: bool = False


@dataclass(slots=True)
class _PictureRepair:
    """One pass over a picture."""

    text: str
    out: list[str] = field(default_factory=list)
    opened: list[_PictureScope] = field(default_factory=list)

    def run(self) -> str:
        """The picture as it was meant."""
        position = whole = 0
        ends: list[str] = []  # what ends the picture after its first ``whole`` pieces
        for match in _TOKEN.finditer(self.text):
            self.out.append(self.text[position : match.start()])
            position = match.end()
            is_joint = self._take(match)
            if len(self.opened) > _MAX_DEPTH:
                return self.text
            if not self.opened:
                return "".join(self.out)
            if is_joint and not any(place.waits for place in self.opened):
                whole, ends = len(self.out), [place.end for place in reversed(self.opened)]
        return "\n".join(["".join(self.out[:whole]), *ends])

    def _take(self, match: re.Match[str]) -> bool:
        """Copy a token; whether the picture could end after it."""
        token = match[0]
        is_joint = match.lastgroup in ("begin", "semicolon", "end")
        match match.lastgroup:
            case "begin":
                self._end_path()
                self.opened.append(_PictureScope(token.replace("begin", "end", 1)))
            case "open":
                self.opened.append(_PictureScope("}"))
            case "close" | "end":
                is_joint = bool(self.opened) and (is_joint or self.opened[-1].draws)
                token = self._close(token)
            case "path":
                self._end_path()
                if self.opened:
                    self.opened[-1].waits = self.opened[-1].draws = True
            case "loop":
                self._end_path()
            case "semicolon" if self.opened:
                self.opened[-1].waits = False
        self.out.append(token)
        return is_joint

    def _close(self, token: str) -> str:
        """End what this ends, and what is still open in it; nothing where nothing was opened."""
        ends = [_BLANKS.sub("", place.end) for place in self.opened]
        wanted = _BLANKS.sub("", token)
        if wanted not in ends or (wanted == "}" and ends[-1] != "}"):
            return ""
        missing: list[str] = []
        while True:
            self._end_path()
            end = self.opened.pop().end
            if _BLANKS.sub("", end) == wanted:
                return "".join([*missing, token])
            missing.append(end)

    def _end_path(self) -> None:
        """A semicolon for the path that waits for it: before blanks and comments."""
        if not self.opened or not self.opened[-1].waits:
            return
        self.opened[-1].waits = False
        after: list[str] = []
        while not self.out[-1].strip() or self.out[-1].startswith("%"):
            after.append(self.out.pop())
        text = self.out[-1].rstrip()
        after.append(self.out.pop()[len(text) :])
        self.out += [text, ";", *reversed(after)]
