"""What names the Document that a result's text is in: its place, not what was read there."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from got_loaders.options import ReadOptions
    from got_loaders.results.page_result import PageResult

__all__ = ["document_id"]

_WEB_URL = re.compile(r"\s*https?:", re.IGNORECASE)

_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "got_loaders")


def document_id(result: PageResult, options: ReadOptions) -> str:
    """The id of the record that begins with ``result``: it names a place, not what was read there.

    The place is the source as metadata names it (an http URL without its fragment, which names a
    part of the same file; the key of a file in storage has none), the 0-based page (of several that
    were read as one, the last as well), the region's index, and the options that say what part of
    it is read.
    """
    info = result.info
    page, last = (None, None) if options.mode == "single" else (info.number, info.last_number)
    region = result.region_index if options.mode == "region" else None
    source = info.source.partition("#")[0] if _WEB_URL.match(info.source) else info.source
    place: list[object] = [source, page, region, options.mode, options.box, options.color]
    place += [options.multi_page] if last is None else [options.multi_page, last]
    if isinstance(options.regions, Mapping):
        place.append({str(number): boxes for number, boxes in options.regions.items()})
    elif options.effective_regions is not None:
        place.append(options.effective_regions)
    return str(uuid.uuid5(_IDS, json.dumps(place, sort_keys=True)))
