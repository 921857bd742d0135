"""Writes small PDFs by hand: text in the fonts that every viewer has, and lines. Pure.

Lengths are points, origin bottom left, as PDF has them; pages are A4.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["A4", "FONTS", "line", "make_pdf", "text_at"]

A4 = (595, 842)

FONTS = {"plain": "Helvetica", "bold": "Helvetica-Bold", "roman": "Times-Roman",
         "italic": "Times-Italic"}  # fmt: skip
"""Of the 14 fonts that need not be embedded (ISO 32000-1, 9.6.2.2)."""


def text_at(x: float, y: float, text: str, *, font: str = "plain", size: float) -> str:
    """The operators that set one line of text with its baseline at ``y``."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size:g} Tf {x:g} {y:g} Td ({escaped}) Tj ET\n"


def line(x0: float, y0: float, x1: float, y1: float) -> str:
    """The operators that draw a line, one point wide."""
    return f"{x0:g} {y0:g} m {x1:g} {y1:g} l S\n"


def make_pdf(pages: Sequence[str]) -> bytes:
    """A PDF of pages with these operators."""
    fonts = "".join(
        f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{base} >> "
        for name, base in FONTS.items()
    )
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(pages)))
    shared = f"/MediaBox [0 0 {A4[0]} {A4[1]}] /Resources << /Font << {fonts}>> >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} {shared} >>",
    ]
    for number, operators in enumerate(pages):
        objects.append(f"<< /Type /Page /Parent 2 0 R /Contents {4 + 2 * number} 0 R >>")
        objects.append(f"<< /Length {len(operators)} >>\nstream\n{operators}\nendstream")
    body, offsets = "%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        offsets.append(f"{len(body):010} 00000 n \n")
        body += f"{number} 0 obj\n{text}\nendobj\n"
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{''.join(offsets)}"
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + table + end).encode("ascii")
