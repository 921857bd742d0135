"""The flags of ``got-loaders serve``: those of the server's settings, each said once."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from got_loaders.cli.arg_types import PARSERS
from got_loaders.cli.help_texts import default_text, examples
from got_loaders.server.settings import ServerSettings

__all__ = ["SERVER_FLAGS", "add_serve"]


@dataclass(frozen=True, slots=True)
class ServerFlag:
    """The flag of a setting; one without a ``metavar`` sets it to True."""

    group: str
    help: str
    metavar: str | None = None
    name: str | None = None


_WHERE, _WHAT, _LIMITS = "where, and for whom", "what is read", "limits"

SERVER_FLAGS: dict[str, ServerFlag] = {
    "host": ServerFlag(_WHERE, "listen at this address; others than this machine need a key", "H"),
    "port": ServerFlag(_WHERE, "the port; 0 takes a free one", "N"),
    "urls": ServerFlag(_WHAT, "download http(s) URLs of public addresses in requests"),
    "root": ServerFlag(_WHAT, "let requests name files in this folder", "FOLDER"),
    "jobs_dir": ServerFlag(_WHAT, "keep jobs and their results in this folder", "FOLDER"),
    "max_cache_bytes": ServerFlag(_WHAT, "the most bytes that the cache keeps", "SIZE"),
    "max_body_bytes": ServerFlag(_LIMITS, "of one request", "SIZE"),
    "max_held_bytes": ServerFlag(_LIMITS, "of all requests that are in memory", "SIZE"),
    "max_image_pixels": ServerFlag(_LIMITS, "of the pictures of one request, or a page", "SIZE"),
    "max_pages": ServerFlag(_LIMITS, "of one document", "N"),
    "max_queued": ServerFlag(_LIMITS, "requests that wait for the engine", "N"),
    "max_running": ServerFlag(
        _LIMITS, "requests that the engine has at once (default: a quarter more than it runs)", "N"
    ),
    "max_documents": ServerFlag(_LIMITS, "documents that are read at once", "N"),
    "max_jobs": ServerFlag(_LIMITS, "jobs that wait or run", "N"),
    "max_jobs_bytes": ServerFlag(_LIMITS, "that jobs and uploaded files take on the disk", "SIZE"),
    "keep_jobs_seconds": ServerFlag(_LIMITS, "that a job is kept when it has ended", "S"),
    "request_seconds": ServerFlag(_LIMITS, "for a request, queue and reading", "S"),
    "receive_seconds": ServerFlag(_LIMITS, "for receiving a request, or sending its answer", "S"),
    "keep_alive_seconds": ServerFlag(_LIMITS, "that an idle connection stays open", "S"),
    "grace_seconds": ServerFlag(
        _LIMITS, "for what runs, when the server is told to end", "S", "--grace"
    ),
}
"""By the setting's name. Keys and the cache have flags of their own."""


def add_serve(commands: Any, add_model: Callable[[argparse.ArgumentParser], object]) -> None:
    """Add the command; a setting whose flag is not given is absent from what is parsed."""
    serve = commands.add_parser(
        "serve",
        usage="got-loaders serve [FLAGS]",
        help="serve readings over HTTP, to OpenAI's clients, to this library's, and others",
        epilog=examples("serve"),
        argument_default=argparse.SUPPRESS,
    )
    add_model(serve)
    serve.add_argument(
        "--max-batch-size", type=int, metavar="N", help="pages that are decoded at once"
    )
    groups = {title: serve.add_argument_group(title) for title in (_WHERE, _WHAT, _LIMITS)}
    groups[_WHERE].add_argument(
        "--api-key-file",
        metavar="FILE",
        help="who asks must send one of the keys in it, one a line (default: what "
        "GOT_LOADERS_API_KEY says)",
    )
    cache = groups[_WHAT].add_mutually_exclusive_group()
    cache.add_argument(
        "--cache", action="store_const", const=True, help="keep readings in the user's own folder"
    )
    cache.add_argument("--cache-dir", dest="cache", metavar="FOLDER", help="keep them in this one")
    settings = {field.name: field for field in fields(ServerSettings)}
    for name, flag in SERVER_FLAGS.items():
        add = groups[flag.group].add_argument
        option = flag.name or f"--{name.replace('_', '-')}"
        if flag.metavar is None:
            add(option, dest=name, action="store_const", const=True, help=flag.help)
        else:
            text = f"{flag.help}{default_text(settings[name])}"
            kind = PARSERS.get(flag.metavar, str)
            add(option, dest=name, type=kind, metavar=flag.metavar, help=text)
