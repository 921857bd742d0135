"""Pages that are answered → rows: the records that a loader makes its Documents of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pyarrow as pa

from got_loaders.documents.provenance import SpanWriter
from got_loaders.documents.records import Record, RecordBuilder
from got_loaders.errors import GotLoadersError
from got_loaders.options import ReadOptions
from got_loaders.pipeline.corrections import JobCorrections
from got_loaders.pipeline.handover import AnsweredPage, finish
from got_loaders.ray.kept_rows import add_resume_columns
from got_loaders.ray.rows import records_to_table
from got_loaders.ray.settings import ReadPlan
from got_loaders.ray.stages import from_column
from got_loaders.results import PageResult

__all__ = ["FinishPages"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FinishPages:
    """Writes texts and metadata, a row a record."""

    plan: ReadPlan

    def __call__(self, batch: pa.Table) -> Iterator[pa.Table]:
        """Rows of answered pages → rows of :func:`record_schema`, and those that resuming asks."""
        options = self.plan.enter()
        corrections = JobCorrections(options)
        records: list[Record] = []
        with closing(SpanWriter(options)) as writer:
            builder = RecordBuilder(options, writer.write)
            for item in from_column(batch):
                if isinstance(item, list):
                    records += item
                else:
                    records += self._records(item, options, corrections, builder)
        yield add_resume_columns(records_to_table(records), options)

    def _records(
        self,
        page: AnsweredPage,
        options: ReadOptions,
        corrections: JobCorrections,
        builder: RecordBuilder,
    ) -> list[Record]:
        results = finish(page, options, corrections)
        if not results:
            return []
        try:
            return builder.add(results, ends_file=True)
        except GotLoadersError:
            raise
        except Exception as error:  # noqa: BLE001  # one page, not the archive
            source = results[0].info.source
            _log.error("%s: a mistake of got_loaders", source, exc_info=error)
            return builder.add([_failed(results[0], f"{source}: {error}")], ends_file=True)


def _failed(result: PageResult, reason: str) -> PageResult:
    return replace(result, origin="failed", ocr=None, error=reason, figure=None)
