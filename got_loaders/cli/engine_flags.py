"""The flags that say what reads: a model of this machine, or a server."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.engine.config import DEFAULT_MODEL, EngineConfig
from got_loaders.engine.model_name import check_model_name
from got_loaders.errors import OptionError

if TYPE_CHECKING:
    from got_loaders.engine.remote import RemoteEngine

__all__ = [
    "add_engine_flags",
    "add_model_flags",
    "chosen_engine",
    "engine_config",
    "first_line",
    "read_keys",
]


def add_model_flags(command: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """``--model`` and ``--device``; what is not given is None."""
    group = command.add_argument_group("model")
    group.add_argument(
        "--model",
        default=None,
        help=f"a hub id, a folder with the weights, or tiny (default: {DEFAULT_MODEL})",
    )
    group.add_argument(
        "--device",
        default=None,
        metavar="auto|cpu|cuda|mps",
        help="where it runs: cuda:1 is the second GPU; several, as in cuda:0,cuda:1, get a copy "
        "each (default: auto)",
    )
    return group


def add_engine_flags(command: argparse.ArgumentParser) -> None:
    """The same, and a server in their place."""
    group = add_model_flags(command)
    group.add_argument(
        "--engine",
        default=None,
        metavar="URL",
        help="the model of a server, in place of one here: what got-loaders serve prints, "
        "http://HOST:PORT",
    )
    group.add_argument(
        "--api-key-file",
        default=None,
        metavar="FILE",
        help="the server's key is the first one in FILE (default: $GOT_LOADERS_API_KEY)",
    )


def chosen_engine(args: argparse.Namespace) -> EngineConfig | RemoteEngine:
    """What a command reads with; asks no server, and loads nothing."""
    if args.engine is None:
        if args.api_key_file is not None:
            raise OptionError("--api-key-file: it is the key of a server: name one by --engine")
        return engine_config(args)
    from got_loaders.engine.remote import RemoteEngine, shared_remote_engine

    for name in ("model", "device"):
        if getattr(args, name) is not None:
            raise OptionError(
                f"--engine and --{name} {getattr(args, name)} exclude each other: the server has "
                "a model already"
            )
    shared = shared_remote_engine(args.engine)  # a wrong URL raises before the file is opened
    if args.api_key_file is None:
        return shared
    return RemoteEngine(args.engine, read_keys(args.api_key_file)[0])


def engine_config(args: argparse.Namespace) -> EngineConfig:
    """The configuration of a command's own model."""
    names = tuple((args.device or "auto").split(","))
    device = names if len(names) > 1 else names[0]
    config = EngineConfig(model=DEFAULT_MODEL if args.model is None else args.model, device=device)
    if args.command != "doctor":  # which says it among all the rest
        check_model_name(config.model)
    return config


def read_keys(file: str) -> tuple[str, ...]:
    """The keys in a file of ``--api-key-file``, one a line; comments begin with ``#``.

    A server takes them all, a client sends the first: so the same file does for both.
    """
    lines = _lines(file, "--api-key-file")
    keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not keys:
        raise OptionError(f"--api-key-file: there is no key in {file!r}; write one a line")
    return tuple(dict.fromkeys(keys))


def first_line(file: str, flag: str) -> str:
    """The first line of a file that holds a secret; what is wrong with it is said of ``flag``."""
    return next(iter(_lines(file, flag)), "")


def _lines(file: str, flag: str) -> list[str]:
    try:
        return Path(file).read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise OptionError(f"{flag} {file}: {error.strerror}") from error
    except UnicodeDecodeError:  # not chained: it holds the secret
        raise OptionError(f"{flag}: {file!r} is not encoded in UTF-8") from None
