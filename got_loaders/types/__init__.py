"""The values that flow from a source to a Document, and the Engine protocol.

All are frozen. They know nothing of torch, PyMuPDF or a framework; Pillow is named for type
checkers only. Coordinates have their origin at the top left of the page *as it is shown*.
"""

from __future__ import annotations

from got_loaders.types.boxes import REGION_TYPES, Box, Region, RegionType, checked_box
from got_loaders.types.engines import Engine
from got_loaders.types.limits import Limits
from got_loaders.types.locations import Located, Location
from got_loaders.types.pages import (
    DOCUMENT_KEYS,
    Origin,
    Page,
    PageInfo,
    ProgressEvent,
    Unit,
    describe_page,
)
from got_loaders.types.requests import (
    COLORS,
    Color,
    FinishReason,
    OcrRequest,
    OcrResult,
    check_patches,
    check_positive_int,
)

__all__ = [
    "COLORS",
    "DOCUMENT_KEYS",
    "REGION_TYPES",
    "Box",
    "Color",
    "Engine",
    "FinishReason",
    "Limits",
    "Located",
    "Location",
    "OcrRequest",
    "OcrResult",
    "Origin",
    "Page",
    "PageInfo",
    "ProgressEvent",
    "Region",
    "RegionType",
    "Unit",
    "check_patches",
    "check_positive_int",
    "checked_box",
    "describe_page",
]
