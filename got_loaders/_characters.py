"""Characters that nobody sees: what becomes of them in a text that was read. Pure.

It is done before anything looks for mark-up in the text. Done afterwards, it would undo what was
escaped: ``<\\x01b>`` is no tag until the control character is gone.
"""

from __future__ import annotations

import re

__all__ = ["clean_text"]

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
"""What ends a line (The Unicode Standard, 5.8), but for the line feed itself."""

_SURROGATES = re.compile("[\ud800-\udfff]")

_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters but for tabs and line ends
    "\xad\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f"  # soft hyphens, direction, operators
    "\ufeff\ufff0-\ufffb\U0001d173-\U0001d17a"  # byte order mark, annotations, beams of music
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # tag letters
    "\ufdd0-\ufdef" + "".join(f"{chr(n)}{chr(n + 1)}" for n in range(0xFFFE, 0x110000, 0x10000)) +
    "]"
)  # fmt: skip
"""Of Unicode 16: Cc, noncharacters, and Default_Ignorable_Code_Point but for those below."""

_ASCII_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
"""What of ASCII is no letter, sign, tab or line feed: most texts have none of it."""

_JOINERS = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u3164\ufe00-\ufe0f\uffa0"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U000e0100-\U000e01ef"
)
"""What joins, parts or varies the letters of some scripts, and makes one picture of several."""

_LATIN = "\x00-\xbf\u2000-\u209f"
"""Signs that no joiner belongs to: ASCII, of which mark-up consists, and those of all scripts."""

_STRAY_JOINERS = re.compile(f"(?<![^{_LATIN}])[{_JOINERS}]++(?![^{_LATIN}])")


def clean_text(text: str) -> str:
    r"""``text`` without control characters and others that nobody sees; ``\n`` ends its lines.

    Tabs stay; so do joiners (U+200C, U+200D and their like) beside a letter that may need them.
    Lone surrogates, which can't be encoded, become U+FFFD. Cleaning twice changes nothing more.
    """
    if text.isascii() and not _ASCII_UNSEEN.search(text):
        return text
    if _SURROGATES.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _STRAY_JOINERS.sub("", _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)))
