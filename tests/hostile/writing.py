"""PDFs written by hand, as wrong as a test wants. Pure."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["page_pdf", "pdf_of", "stream"]


def stream(data: bytes, words: str = "") -> bytes:
    """A stream object; ``words`` go into its dictionary."""
    return b"<</Length %d %s>>stream\n%s\nendstream" % (len(data), words.encode("latin-1"), data)


def pdf_of(objects: Sequence[bytes | str], trailer: str = "") -> bytes:
    """A PDF of these objects, the first of which is the catalogue; ``trailer`` goes into its own.

    The objects are numbered from 1.
    """
    parts, places, size = [b"%PDF-1.7\n"], [], len(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        raw = body if isinstance(body, bytes) else body.encode("latin-1")
        places.append(size)
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, raw))
        size += len(parts[-1])
    count = len(objects) + 1
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table))
    words = f"trailer<</Size {count}/Root 1 0 R {trailer}>>\nstartxref\n{size}\n%%EOF\n"
    return b"".join([*parts, words.encode("latin-1")])


def page_pdf(
    *objects: bytes | str,
    page: str = "/MediaBox[0 0 200 100]",
    root: str = "",
    trailer: str = "",
) -> bytes:
    """A PDF of one page, which is object 3; ``objects`` are numbered from 4."""
    frame = [
        f"<</Type/Catalog/Pages 2 0 R {root}>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R {page}>>",
    ]
    return pdf_of([*frame, *objects], trailer)
