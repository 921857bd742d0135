"""Detects the media type of a file by its first bytes. Pure."""

from __future__ import annotations

HEAD_BYTES = 1024
"""How much is looked at; a PDF's header may come anywhere in it."""

PDF = "application/pdf"

_IMAGES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"II+\0", "image/tiff"),
    (0, b"MM\0+", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (0, b"\0\0\0\x0cjP  ", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/jp2"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypavis", "image/avif"),
    (0, b"BM", "image/bmp"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"qoif", "image/qoi"),
    (0, b"\0\0\1\0", "image/x-icon"),
)

_OTHERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x03\x04", "a ZIP archive (.docx, .xlsx, .pptx, .epub, .zip)"),
    (0, b"\xd0\xcf\x11\xe0", "an old Office file (.doc, .xls, .ppt)"),
    (4, b"ftyphei", "a HEIC photo; convert it to JPEG"),
    (4, b"ftypmif1", "a HEIF photo; convert it to JPEG"),
    (0, b"%!PS", "PostScript; convert it to PDF"),
    (0, b"{\\rtf", "RTF; convert it to PDF"),
    (0, b"\x1f\x8b", "gzip data; unpack it"),
    (0, b"AT&TFORM", "DjVu; convert it to PDF"),
)


def media_type(head: bytes) -> str | None:
    """``application/pdf``, ``image/…``, or None where these bytes begin neither."""
    if b"%PDF-" in head[:HEAD_BYTES]:
        return PDF
    return _lookup(_IMAGES, head)


def describe(head: bytes) -> str:
    """What an unsupported file looks like, in words."""
    known = _lookup(_OTHERS, head)
    if known:
        return known
    try:
        text = head[: HEAD_BYTES - 4].decode("utf-8").strip()
    except UnicodeDecodeError:
        return f"unknown data that begins with {head[:8]!r}"
    if "\0" in text:
        return f"unknown data that begins with {head[:8]!r}"
    return f"text that begins with {text[:30]!r}"


def _lookup(table: tuple[tuple[int, bytes, str], ...], head: bytes) -> str | None:
    for offset, magic, meaning in table:
        if head.startswith(magic, offset):
            return meaning
    return None
