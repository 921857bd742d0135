"""The server's engine as one endpoint asks it: so that its pages are counted under its address."""

from __future__ import annotations

from concurrent.futures import Future

from got_loaders.server.metered_engine import MeteredEngine
from got_loaders.types import EngineInfo, OcrRequest, OcrResult

__all__ = ["EndpointEngine"]


class EndpointEngine:
    """An engine for the pipeline. Closing it does nothing: the engine is the server's."""

    def __init__(self, engine: MeteredEngine, endpoint: str) -> None:
        self._engine = engine
        self._endpoint = endpoint

    @property
    def fingerprint(self) -> str:
        """The model's."""
        return self._engine.fingerprint

    @property
    def info(self) -> EngineInfo:
        """What the model says of itself."""
        return self._engine.info

    @property
    def max_batch_size(self) -> int | None:
        """How many requests the model runs at once."""
        return self._engine.max_batch_size

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Queue it; may block."""
        return self._engine.submit(request, endpoint=self._endpoint)

    def close(self) -> None:
        """Nothing."""
