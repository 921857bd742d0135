"""The worker process, which opens documents: ``python -m got_loaders.pages.worker.main``.

Requests come on standard input, answers go to what was standard output; it ends when its input
closes. It loads Pillow or PyMuPDF when the first document needs it, PyMuPDF's layout model when a
page's text is first asked for, and never torch.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import re
import signal
import warnings
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from got_loaders.pages import protocol
from got_loaders.pages.media_type import HEAD_BYTES, PDF, media_type
from got_loaders.pages.own_words import words_to_json
from got_loaders.pages.protocol import Bytes, WorkerFailure
from got_loaders.pages.text_layer.values import regions_to_json
from got_loaders.pages.worker.memory_limit import is_over_memory, limit_memory
from got_loaders.pages.worker.pipes import take_pipes

if TYPE_CHECKING:
    from got_loaders.pages.image.document import ImageDocument
    from got_loaders.pages.pdf.document import PdfDocument

    Document = ImageDocument | PdfDocument

_NO_MEMORY = re.compile(
    r"bad_alloc|MemoryError|more memory|out of memory|[mc]alloc\b.*failed|failed to map|"
    r"can(?:'t|not) allocate",
    re.IGNORECASE,
)
"""How ONNX Runtime, Python, MuPDF, Pillow and the system say so."""

_ORPHAN_LIMIT_S = 60.0
"""A request runs no longer than this beyond its time, even if the library was killed and can't end
this process."""


def main() -> None:
    """Answer requests until standard input closes."""
    requests, answers = take_pipes()
    warnings.simplefilter("ignore")
    logging.disable()  # Pillow logs what it also raises
    with suppress(ValueError):  # not in a main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the library's to handle
    with suppress(BrokenPipeError, EOFError):
        answers.write(protocol.READY)
        serve(requests, answers)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer request by request; :class:`EOFError` where there are no more."""
    documents: dict[int, Document] = {}
    with Path(os.devnull).open("w") as quiet:
        while True:
            header, payload = protocol.receive(requests)
            limit_s = header.get("seconds", 0) + _ORPHAN_LIMIT_S
            faulthandler.dump_traceback_later(limit_s, exit=True, file=quiet)
            if "page_bytes" in header:
                limit_memory(header["page_bytes"])
            answer, pixels = _answer(documents, header, payload)
            faulthandler.cancel_dump_traceback_later()
            limit_memory(None)  # the next request may be about another document
            answer["over_memory"] = is_over_memory(header.get("page_bytes", 0))
            try:
                protocol.send(answers, answer, pixels)
            except protocol.MessageTooLongError:
                reason = "its own text is longer than a page's can be"
                protocol.send(answers, {"failure": "page", "reason": reason})


def _answer(
    documents: dict[int, Document], header: dict[str, Any], payload: Bytes
) -> tuple[dict[str, Any], Bytes]:
    try:
        return _dispatch(documents, header, payload)
    except WorkerFailure as failure:
        memory = _NO_MEMORY.search(failure.reason) is not None
        return {"failure": failure.kind, "reason": failure.reason, "memory": memory}, b""
    except Exception as error:  # noqa: BLE001  # a damaged file can make its decoder raise anything
        reason = f"decoding failed: {type(error).__name__}: {error}"
        memory = isinstance(error, MemoryError) or _NO_MEMORY.search(reason) is not None
        if isinstance(error, MemoryError):
            reason = "decoding it takes more memory than max_page_bytes allows"
        kind = "source" if header["do"] == "open" else "page"
        return {"failure": kind, "reason": reason, "memory": memory}, b""


def _dispatch(
    documents: dict[int, Document], header: dict[str, Any], payload: Bytes
) -> tuple[dict[str, Any], Bytes]:
    number = header["id"]
    match header["do"]:
        case "open":
            document = _open(header, payload)
            info = document.info  # raises for a document that has no pages
            documents[number] = document
            return asdict(info), b""
        case "measure":
            return asdict(documents[number].measure(header["page"])), b""
        case "render":
            rendered = documents[number].render(
                header["page"], header["width"], header["height"], header["dpi"]
            )
            return {"size": rendered.size, "damage": rendered.damage}, rendered.pixels
        case "text_layer":
            return asdict(documents[number].text_layer(header["page"])), b""
        case "words":
            return {"words": words_to_json(documents[number].words(header["page"]))}, b""
        case "regions":
            return {"regions": regions_to_json(documents[number].regions(header["page"]))}, b""
        case _:
            documents.pop(number).close()
            return {}, b""


def _open(header: dict[str, Any], data: Bytes) -> Document:
    path: str | None = header["path"]
    head = _head(path, data)
    if media_type(head) == PDF:
        from got_loaders.pages.pdf.document import PdfDocument

        return PdfDocument(path, data, header["password"])
    from got_loaders.pages.image.document import ImageDocument

    return ImageDocument(path, data, head, header["image_pixels"])


def _head(path: str | None, data: Bytes) -> bytes:
    if path is None:
        return bytes(data[:HEAD_BYTES])
    try:
        with Path(path).open("rb") as file:
            return file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        raise WorkerFailure("source", f"it can't be read: {error}") from error


if __name__ == "__main__":
    main()
