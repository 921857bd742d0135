"""The engine: OCR requests in, OCR results out. It knows nothing of documents, pages or frameworks.

The story of a request, a module a step: ``local`` takes it, ``processor`` turns it into tiles and
prompt ids in the caller's thread, ``scheduler`` lets it join the running batch, ``runner`` computes
(``model`` and ``kv_cache``, then ``sampler``; its ``batch_state`` notes what is written),
``repetition`` finds loops, ``step_loop`` gives its Future the result. ``registry`` keeps one engine
per configuration and process. torch is imported in ``device``, ``model``, ``runner`` and what lies
below, which are imported when an engine is made.
"""

from __future__ import annotations

from got_loaders.engine.config import EngineConfig
from got_loaders.engine.local import LocalEngine
from got_loaders.engine.registry import model_fingerprint, shared_engine

__all__ = ["EngineConfig", "LocalEngine", "model_fingerprint", "shared_engine"]
