"""What a replica counts, handed to Ray, which exports it with the replica's name.

Serve's address leads to any replica, so ``/metrics`` there tells of another one each time.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ray.serve.metrics import Counter, Gauge

from got_loaders.server.metrics import Metrics

__all__ = ["RayMetrics"]

_EVERY_S = 5.0
"""Ray itself gathers every ten seconds."""


class RayMetrics:
    """The server's counters and gauges as Ray's; of histograms their sums and counts.

    Make it within a replica: Ray tags what is made there.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._known: dict[str, Any] = {}
        self._counted: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}

    async def keep_telling(self) -> None:
        """Hand them over again and again, until cancelled."""
        while True:
            self.tell()
            await asyncio.sleep(_EVERY_S)

    def tell(self) -> None:
        """Hand over what they are now."""
        for family in self._metrics.registry.collect():
            for sample in family.samples:
                if family.type == "gauge":
                    self._gauge(sample.name, family.documentation, sample.labels, sample.value)
                elif sample.name.endswith(("_total", "_sum", "_count")):
                    self._count(sample.name, family.documentation, sample.labels, sample.value)

    def _gauge(self, name: str, text: str, labels: dict[str, str], value: float) -> None:
        if name not in self._known:
            self._known[name] = Gauge(name, text, _keys(labels))
        self._known[name].set(value, dict(labels))

    def _count(self, name: str, text: str, labels: dict[str, str], value: float) -> None:
        name = name.removesuffix("_total")  # which Ray adds
        if name not in self._known:
            self._known[name] = Counter(name, text, _keys(labels))
        key = name, frozenset(labels.items())
        more = value - self._counted.get(key, 0.0)
        if more > 0:
            self._counted[key] = value
            self._known[name].inc(more, dict(labels))


def _keys(labels: dict[str, str]) -> Any:
    return tuple(labels)  # Ray's annotation wants one exactly
