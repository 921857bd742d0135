"""Turns a PDF's own information into metadata. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from got_loaders.sources import sanitize_text
from got_loaders.types import DOCUMENT_KEYS

_MAX_LENGTH = 2_000
"""Characters of a value: it goes into the metadata of every page."""

_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?"
    r"(?:(Z)(?:00'?00'?)?|([+-])(\d\d)(?:'?(\d\d)'?)?'?)?"
)


_MAX_XMP = 500_000
"""Characters of an XMP packet that are looked at."""

_XMP = {"title": "dc:title", "author": "dc:creator", "subject": "dc:description"}
_XMP_ITEM = re.compile(r"<rdf:li\b[^>]*>([^<]*)</rdf:li>")


def document_info(metadata: Mapping[str, object], xmp: str = "") -> dict[str, str]:
    """PyMuPDF's ``metadata`` by our keys: dates in ISO 8601, texts cleaned and cut, none empty.

    What it does not tell of title, author and subject is taken from ``xmp``, the XMP packet.
    """
    values = {key.lower(): str(value or "") for key, value in metadata.items()}
    values = _xmp_info(xmp[:_MAX_XMP]) | {key: text for key, text in values.items() if text.strip()}
    info: dict[str, str] = {}
    for key in DOCUMENT_KEYS:
        text = " ".join(sanitize_text(values.get(key, "")[:_MAX_LENGTH]).split())
        if text:
            info[key] = iso_date(text) if key.endswith("date") else text
    return info


def _xmp_info(xmp: str) -> dict[str, str]:
    """Title, author and subject of an XMP packet, which is searched and not parsed: any XML may
    pretend to be one. Of a text in several languages the first, which is the default."""
    info = {}
    for key, tag in _XMP.items():
        start, end = xmp.find(f"<{tag}"), xmp.find(f"</{tag}>")
        items = _XMP_ITEM.findall(xmp[start:end]) if 0 <= start < end else []
        items = items if key == "author" else items[:1]
        info[key] = html.unescape(", ".join(item.strip() for item in items[:20]))
    return info


def iso_date(text: str) -> str:
    """``D:20220406201541+02'00'`` → ``2022-04-06T20:15:41+02:00``; else verbatim."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return text
    year, month, day, hour, minute, second, utc, sign, ahead_h, ahead_min = match.groups()
    try:
        year_month_day = int(year), int(month or 1), int(day or 1)
        date = datetime(*year_month_day, int(hour or 0), int(minute or 0), int(second or 0))
        if utc or sign:
            ahead = timedelta(hours=int(ahead_h or 0), minutes=int(ahead_min or 0))
            date = date.replace(tzinfo=timezone(-ahead if sign == "-" else ahead))
    except ValueError:
        return text
    return date.isoformat()
