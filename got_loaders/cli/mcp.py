"""``got-loaders mcp``: the tools for agents, over standard input and output."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.cli.args import explicit_options
from got_loaders.cli.engine_flags import chosen_engine
from got_loaders.cli.streams import log_to_stderr
from got_loaders.errors import OptionError

if TYPE_CHECKING:
    from got_loaders.types import Engine

__all__ = ["serve_mcp"]


def serve_mcp(args: argparse.Namespace, engine: Engine | None) -> int:
    """Serve until the client leaves; 0. ``engine`` replaces the model."""
    from got_loaders.integrations.mcp import mcp_server

    folders = [os.path.expanduser(folder) for folder in args.folders]  # noqa: PTH111  # ~nobody
    for folder in folders:
        if not Path(folder).is_dir():
            raise OptionError(f"mcp {folder}: there is no such folder")
    overrides = explicit_options(args)
    server = mcp_server(folders, engine=engine or chosen_engine(args), **overrides)
    if sys.stdin.isatty():
        print("got-loaders: speaking MCP here; it is a client that starts this", file=sys.stderr)
    with log_to_stderr():
        server.run()
    return 0
