"""A picture inside the page itself."""

from __future__ import annotations

import base64

from got_loaders.report.values import Picture

__all__ = ["data_url"]


def data_url(picture: Picture) -> str:
    """The picture as an address that needs no file."""
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"
