"""What goes between the library and the processes that draw."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Literal

from got_loaders.errors import printable

__all__ = ["MAX_BYTES", "DrawingError", "DrawingLibrary", "Drawn"]

DrawingLibrary = Literal["verovio", "rdkit", "mupdf"]

MAX_BYTES = 32 * 2**20
"""Of all pictures of one text together, as they are sent."""

_MAX_REASON = 300
_NOTHING = "the process that draws gave no pictures"


class DrawingError(Exception):
    """Nothing was drawn; the text says why, in one line."""

    def __init__(self, reason: str) -> None:
        reason = printable(" ".join(reason.split()))
        super().__init__(reason if len(reason) <= _MAX_REASON else f"{reason[:_MAX_REASON]}…")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pictures of one text, one a page or molecule; and the document where it is of TeX."""

    svgs: tuple[str, ...]
    pdf: bytes | None = None

    def to_bytes(self) -> bytes:
        """For the pipe."""
        pdf = None if self.pdf is None else base64.b64encode(self.pdf).decode("ascii")
        return json.dumps({"svgs": self.svgs, "pdf": pdf}).encode("ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> Drawn:
        """What a process sent; :class:`DrawingError` where it is no such value.

        A hostile text may have taken the process over: it may have said anything.
        """
        try:
            fields = json.loads(data)
            svgs, pdf = fields["svgs"], fields["pdf"]
            texts = tuple(svg for svg in svgs if isinstance(svg, str))
            drawn = cls(texts, None if pdf is None else base64.b64decode(pdf, validate=True))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise DrawingError(_NOTHING) from error
        if len(texts) != len(svgs):
            raise DrawingError(_NOTHING)
        return drawn
