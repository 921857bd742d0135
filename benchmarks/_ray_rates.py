"""What each step of a read on a cluster costs: the numbers that sizes are worked out from."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RATES", "Rates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Costs of a page and of a task; seconds are those of one core where nothing else is said."""

    slots: int = 256
    """Pages that a GPU reads at once: what ``max_batch_size="auto"`` takes at most."""
    pages_a_second: float = 30.0
    """Of one H200 at 800 tokens a page. Estimated, by counting operations and bytes: 28 to 34."""
    render: float = 0.070
    """To open, render and look at a page. Measured: ``benchmarks.ray_costs``, an A4 scan."""
    prepare: float = 0.040
    """To make a page the engine's input. Measured: ``benchmarks.preprocessing``, with colours."""
    finish: float = 0.001
    """To write a page's text and metadata as a row. Measured: ``benchmarks.ray_costs``."""
    launch: float = 0.014
    """The driver's work for one task. Measured: ``benchmarks.ray_pipeline``, 13.8 ms over 2,300
    tasks."""
    page_bytes: int = 4_500_000
    """A rendered page in the object store. Measured: ``benchmarks.ray_costs``."""
    row_bytes: int = 3_700
    """A page's row in Parquet. Measured: ``benchmarks.ray_costs``, 600 words drawn by chance."""
    file_bytes: int = 100_000
    """A page in its file. Estimated: a scan in shades of gray; in colours it may be 1 MB."""
    fetch_latency: float = 0.1
    """Seconds until storage answers. Estimated: S3 states 0.1 to 0.2."""
    fetch_bandwidth: float = 85e6
    """Bytes a second of one stream from storage. Estimated: S3 states 85 to 90 MB."""


RATES = Rates()
