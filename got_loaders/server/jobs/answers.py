"""Jobs and records as clients get them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from got_loaders.server.jobs.values import JobStatus

__all__ = ["job_json", "records_response"]


def job_json(status: JobStatus) -> dict[str, Any]:
    """A job; times in whole seconds since 1970."""
    error = None
    if status.error_code is not None:
        error = {"code": status.error_code, "message": status.error_message}
    return {
        "id": status.id,
        "object": "job",
        "state": status.state,
        "document": status.name,
        "created_at": int(status.created),
        "changed_at": int(status.changed),
        "pages": {
            "done": status.pages_done,
            "failed": status.pages_failed,
            "total": status.pages_total,
        },
        "records": status.records,
        "options": json.loads(status.options),
        "error": error,
    }


def records_response(status: JobStatus, rows: Sequence[tuple[int, str]], *, after: int) -> Response:
    """Each record on a line, with its number; the last one's number goes into the next request."""
    lines = "".join(f'{{"number": {number}, {body[1:]}\n' for number, body in rows)
    headers = {
        "x-job-state": status.state,
        "x-last-record": str(rows[-1][0] if rows else after),
    }
    return Response(lines, media_type="application/x-ndjson", headers=headers)
