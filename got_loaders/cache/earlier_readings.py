"""Earlier readings of a picture, as drafts of how it is read now.

A cache finds what was asked in the very same words. Asked for in the other format, with more
tokens, or of another model, a picture is read anew; but most of what comes is known.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from got_loaders.cache.keys import picture_keys
from got_loaders.cache.paths import DRAFTS_NAMESPACE
from got_loaders.cache.result_cache import ResultCache
from got_loaders.types import OcrRequest, OcrResult

__all__ = ["Drafted", "EarlierReadings"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drafted:
    """A request with the best draft that is known; ``picture`` is the key by which its reading will
    be one. None: it will be none."""

    request: OcrRequest
    picture: bytes | None = None


class EarlierReadings:
    """Finds the readings that ``cache`` keeps of a picture, for the model ``fingerprint``.

    The latest of each picture and format is known. What is evicted is not found, and whatever is
    wrong with the cache leaves a request as it is.
    """

    def __init__(self, cache: ResultCache, fingerprint: str) -> None:
        self._cache = cache
        self._fingerprint = fingerprint

    def find_draft(self, request: OcrRequest) -> Drafted:
        """The request, drafted by an earlier reading, or as it is.

        A whole reading by the same model, be it in another number format or revision, comes before
        the words that the request brings; any other is better than none.
        """
        if request.draft is False:
            return Drafted(request)
        try:
            keys = picture_keys(request)
        except Exception as error:  # noqa: BLE001  # Pillow raises what it likes on odd images
            _log.debug("no earlier reading is looked for: %r", error)
            return Drafted(request)
        if keys is None:
            return Drafted(request)
        found = (self._reading(key) for key in keys)
        earlier = next((result for result in found if result is not None), None)
        if earlier is not None and (not request.draft or self._is_like_ours(earlier)):
            request = replace(request, draft=earlier.text)
        return Drafted(request, keys[0])

    def note(self, picture: bytes | None, key: bytes) -> None:
        """The result under ``key`` is the latest of this picture; written soon."""
        if picture is not None:
            self._cache.put_payload(picture, DRAFTS_NAMESPACE, key)

    def _reading(self, picture: bytes) -> OcrResult | None:
        key = self._cache.get_payload(picture)
        result = None if key is None else self._cache.get_result(key)
        return result if result is not None and result.text.strip() else None

    def _is_like_ours(self, result: OcrResult) -> bool:
        """Whether it is whole, and by a model of the same name."""
        same = result.model.partition("@")[0] == self._fingerprint.partition("@")[0]
        return same and result.finish_reason == "stop"
