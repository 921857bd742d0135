"""The values that flow from a source to a Document, and the Engine protocol.

All are frozen. They know nothing of torch, PyMuPDF or a framework; Pillow is named for type
checkers only. Coordinates have their origin at the top left of the page *as it is shown*.
"""

from __future__ import annotations

from got_loaders.types.boxes import REGION_TYPES, Box, Region, RegionType, checked_box
from got_loaders.types.corrections import (
    Corrected,
    Correction,
    CorrectionForm,
    DigestForm,
)
from got_loaders.types.engines import (
    Engine,
    EngineInfo,
    TokenListener,
    get_engine_info,
    get_max_batch_size,
    get_max_side,
    get_unsupported,
)
from got_loaders.types.figures import FIGURE_NAME, Figure
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
    REQUEST_FIELDS,
    Color,
    FinishReason,
    MarkupLanguage,
    OcrRequest,
    OcrResult,
    check_patches,
    check_positive_int,
)

__all__ = [
    "COLORS",
    "DOCUMENT_KEYS",
    "FIGURE_NAME",
    "REGION_TYPES",
    "REQUEST_FIELDS",
    "Box",
    "Color",
    "Corrected",
    "Correction",
    "CorrectionForm",
    "DigestForm",
    "Engine",
    "EngineInfo",
    "Figure",
    "FinishReason",
    "Limits",
    "Located",
    "Location",
    "MarkupLanguage",
    "OcrRequest",
    "OcrResult",
    "Origin",
    "Page",
    "PageInfo",
    "ProgressEvent",
    "Region",
    "RegionType",
    "TokenListener",
    "Unit",
    "check_patches",
    "check_positive_int",
    "checked_box",
    "describe_page",
    "get_engine_info",
    "get_max_batch_size",
    "get_max_side",
    "get_unsupported",
]
