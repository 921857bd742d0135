"""What follows from the options of a read together: its properties."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import fields
from os import PathLike
from typing import TYPE_CHECKING

from got_loaders.options.checks import Regions
from got_loaders.sources import FileRules
from got_loaders.sources.download import DownloadPolicy
from got_loaders.types import Limits

if TYPE_CHECKING:
    from got_loaders.options.literals import Figures, Mode, Output
    from got_loaders.types import RegionType

__all__ = ["DerivedOptions"]


class DerivedOptions:
    """The base of :class:`ReadOptions`, whose fields it works with."""

    __slots__ = ()

    if TYPE_CHECKING:
        mode: Mode
        output: Output
        format: bool | None
        regions: Regions
        drop: Sequence[RegionType]
        figures: Figures
        figures_dir: str | PathLike[str]
        glob: str | None
        root: str | PathLike[str] | None
        urls: bool
        url_hosts: Sequence[str]
        max_file_bytes: int
        max_image_pixels: int
        max_url_seconds: float

    @property
    def formatted(self) -> bool:
        """Whether the model is asked for its formatted reading."""
        return self.output != "text" if self.format is None else self.format

    @property
    def effective_regions(self) -> Regions:
        """``regions``; "auto" where ``mode="region"`` names none."""
        return "auto" if self.regions is None and self.mode == "region" else self.regions

    @property
    def limits(self) -> Limits:
        """What one document may cost."""
        return Limits(**{f.name: getattr(self, f"max_{f.name}") for f in fields(Limits)})

    @property
    def file_rules(self) -> FileRules:
        """Which files a source may stand for: what ``file_sources`` is told."""
        return FileRules(
            glob=self.glob,
            root=None if self.root is None else os.fspath(self.root),
            urls=self.urls,
            max_bytes=self.max_file_bytes,
            max_pixels=self.max_image_pixels,
            figures_dir=self.kept_figures_dir,
        )

    @property
    def download_policy(self) -> DownloadPolicy:
        """What may be downloaded."""
        return DownloadPolicy(
            hosts=tuple(self.url_hosts),
            max_bytes=self.max_file_bytes,
            seconds=self.max_url_seconds,
        )

    @property
    def kept_figures_dir(self) -> str | None:
        """The folder that figures are kept in; None where they are not."""
        return os.fspath(self.figures_dir) if self.figures == "keep" else None

    @property
    def dropped_types(self) -> frozenset[RegionType]:
        """Types of regions that are not read. Where layout is asked for figures alone, a page is
        read with all that is on it: then no other type is left out."""
        if self.effective_regions is None:
            return frozenset(self.drop) & {"figure"}
        return frozenset(self.drop)
