"""What one document may cost."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what an untrusted document can make this machine do.

    ``file_bytes`` and ``pages`` are a document's, ``image_pixels`` those of an image file's frame.
    ``page_seconds`` is what opening it or one page may take; ``page_bytes`` the memory, beside
    code, of the process that decodes it (enforced on Linux).
    """

    file_bytes: int = 2_000_000_000
    pages: int = 50_000
    image_pixels: int = 200_000_000
    page_seconds: float = 60.0
    page_bytes: int = 4_000_000_000
