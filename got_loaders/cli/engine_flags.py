"""The flags that say what reads: a model of this machine, or a server."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, get_args

from got_loaders.cli.arg_types import PARSERS
from got_loaders.engine.config import DEFAULT_MODEL, EngineConfig
from got_loaders.engine.device.dtype import DType
from got_loaders.engine.model_name import check_model_name
from got_loaders.engine.remote.key_file import read_keys, read_secret_lines
from got_loaders.errors import OptionError

if TYPE_CHECKING:
    from got_loaders.engine.remote import RemoteEngine

__all__ = [
    "add_engine_flags",
    "add_model_flags",
    "chosen_engine",
    "engine_config",
    "first_line",
]


def add_model_flags(command: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """``--model``, ``--device``, ``--dtype``, ``--memory-fraction``; what is not given is None."""
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
    group.add_argument(
        "--dtype",
        default=None,
        choices=get_args(DType),
        help="the number format that it computes in; got-loaders doctor says where another one "
        "would be faster (default: auto)",
    )
    group.add_argument(
        "--memory-fraction",
        default=None,
        type=PARSERS["FRACTION"],
        metavar="FRACTION",
        help="how much of the device's memory, of what is free beside the model, pages may take as "
        "they are read: 0.5 is half (default: as much as they are expected to need)",
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

    for name in ("model", "device", "dtype", "memory_fraction"):
        if getattr(args, name) is not None:
            flag = f"--{name.replace('_', '-')} {getattr(args, name)}"
            raise OptionError(
                f"--engine and {flag} exclude each other: the server has a model already"
            )
    shared = shared_remote_engine(args.engine)  # a wrong URL raises before the file is opened
    if args.api_key_file is None:
        return shared
    return RemoteEngine(args.engine, read_keys(args.api_key_file)[0])


def engine_config(args: argparse.Namespace) -> EngineConfig:
    """The configuration of a command's own model."""
    names = tuple((args.device or "auto").split(","))
    device = names if len(names) > 1 else names[0]
    config = EngineConfig(
        model=DEFAULT_MODEL if args.model is None else args.model,
        device=device,
        dtype="auto" if args.dtype is None else args.dtype,
        memory_fraction=args.memory_fraction,
    )
    if args.command != "doctor":  # which says it among all the rest
        check_model_name(config.model)
    return config


def first_line(file: str, flag: str) -> str:
    """The first line of a file that holds a secret; what is wrong with it is said of ``flag``."""
    return next(iter(read_secret_lines(file, flag)), "")
