"""What a server counts, in Prometheus' words; each app has a registry of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from got_loaders._version import __version__
from got_loaders.types import OcrResult

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
_BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """The counters, gauges and histograms; usable from any thread.

    Pages are pictures that the engine was asked about, or pages of documents whose own text was
    taken; their ``outcome`` is a finish reason, or "failed". A failure's ``reason`` is the code
    that its client is told.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        add = _Adder(self.registry)
        add.gauge("build_info", "The library's version.", "version").labels(__version__).set(1)
        self.requests = add.counter(
            "requests", "Answered HTTP requests, by address and status.", "endpoint", "status"
        )
        self.request_seconds = add.histogram(
            "request_duration_seconds", "From a request's head to its answer's end.", "endpoint"
        )
        self.pages = add.counter(
            "pages", "Pages read, by how their reading ended.", "outcome", "endpoint"
        )
        self.page_seconds = add.histogram(
            "page_duration_seconds", "From the engine's queue to a page's result."
        )
        self.first_token_seconds = add.histogram(
            "time_to_first_token_seconds",
            "From the engine's queue to a streamed page's first token.",
        )
        self.queue_seconds = add.histogram(
            "request_queue_seconds", "That a request waited before the engine had it."
        )
        self.prompt_tokens = add.counter("prompt_tokens", "Tokens of questions, pictures included.")
        self.generation_tokens = add.counter("generation_tokens", "Tokens of answers.")
        self.draft_tokens = add.counter(
            "spec_decode_num_draft_tokens", "Tokens of drafts that the model has checked."
        )
        self.accepted_tokens = add.counter(
            "spec_decode_num_accepted_tokens", "Those of them that were the answer's own."
        )
        self.cache_hits = add.counter("cache_hits", "Pages that were taken from the cache.")
        self.cache_misses = add.counter("cache_misses", "Pages that were not in the cache.")
        self.failures = add.counter("failures", "What was not answered, by reason.", "reason")
        self.cancelled = add.counter("cancelled", "Requests whose clients hung up.")
        self.batch_size = add.histogram(
            "batch_size", "Pages in the engine's batch, whenever one is finished.", buckets=_BATCH
        )
        self.engine_restarts = add.counter(
            "engine_restarts", "Engines loaded in place of a dead one."
        )
        self.engine_up = add.gauge("engine_up", "1 while the model is loaded and answers, else 0.")
        self.jobs = add.counter("jobs", "Jobs that ended, by how.", "state")
        self._gauge = add.gauge

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """A gauge that is asked when somebody looks."""
        self._gauge(name, text).set_function(value)

    def page(self, result: OcrResult, *, seconds: float, endpoint: str) -> None:
        """A page that the engine, or the cache, has answered."""
        self.pages.labels(result.finish_reason, endpoint).inc()
        self.page_seconds.observe(seconds)
        (self.cache_hits if result.cached else self.cache_misses).inc()
        if not result.cached:
            self.prompt_tokens.inc(result.prompt_tokens)
            self.generation_tokens.inc(result.num_tokens)
            self.draft_tokens.inc(result.accepted_tokens + result.rejected_tokens)
            self.accepted_tokens.inc(result.accepted_tokens)

    def pages_read(self) -> float:
        """How many pages were answered so far."""
        samples = (sample for family in self.pages.collect() for sample in family.samples)
        return sum(
            sample.value
            for sample in samples
            if sample.name.endswith("_total") and sample.labels["outcome"] != "failed"
        )

    def to_text(self) -> bytes:
        """All of it, as a scrape reads it."""
        return generate_latest(self.registry)


class _Adder:
    """Makes metrics of one registry, their names with our prefix."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"got_loaders_{name}", text, labels, registry=self._registry)

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"got_loaders_{name}", text, labels, registry=self._registry)

    def histogram(
        self, name: str, text: str, *labels: str, buckets: Iterable[float] = _SECONDS
    ) -> Histogram:
        return Histogram(
            f"got_loaders_{name}", text, labels, buckets=tuple(buckets), registry=self._registry
        )
