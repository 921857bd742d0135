"""What goes wrong in an engine, as the errors that its callers get. Without torch, until one comes.

The frames of a cause are cleared: their tensors would stay on the device as long as the error.
"""

from __future__ import annotations

from collections.abc import Iterable
from traceback import clear_frames

from got_loaders.engine.sequence import Sequence
from got_loaders.errors import EngineDeadError, EngineError

__all__ = [
    "broken_engine_error",
    "engine_error",
    "fail_all",
    "is_context_lost",
    "is_out_of_memory",
    "not_finite_error",
    "restart_advice",
]


def fail_all(sequences: Iterable[Sequence], fatal_error: BaseException | None) -> None:
    """Resolve each sequence with the error that the engine ended before it could answer."""
    for sequence in sequences:
        reason = "was closed" if fatal_error is None else f"broke down ({fatal_error!r})"
        advice = restart_advice(fatal_error)
        error = EngineDeadError(f"the engine {reason} before it answered{advice}")
        error.__cause__ = fatal_error
        sequence.set_result(error)


def engine_error(message: str, error: Exception) -> EngineError:
    """An EngineError that says what happened, with its cause chained.

    The cause's frames are cleared: their tensors would stay on the device as long as the error.
    """
    clear_frames(error.__traceback__)
    result = EngineError(f"{message}: {error}{restart_advice(error)}")
    result.__cause__ = error
    return result


def broken_engine_error(fatal_error: BaseException) -> EngineDeadError:
    """What those are told who ask an engine that broke down."""
    advice = restart_advice(fatal_error)
    return EngineDeadError(f"the engine broke down: {fatal_error!r}{advice}")


def not_finite_error(tokens: int, description: str) -> EngineError:
    """That a probability is no number after so many tokens; ``description`` says of what numbers
    and on which device."""
    return EngineError(
        f"the model's numbers overflowed after {tokens} tokens ({description}): try another dtype, "
        "such as float32"
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the host, had no memory left."""
    from got_loaders.engine.device import device

    return device.is_out_of_memory(error)


def is_context_lost(error: BaseException) -> bool:
    """Whether nothing can be computed on the device any more in this process."""
    from got_loaders.engine.device import faults

    return faults.is_context_lost(error)


def restart_advice(error: BaseException | None) -> str:
    """What to add to the message about ``error``, where a new process alone helps; else nothing."""
    if error is None:
        return ""
    from got_loaders.engine.device import faults

    return faults.restart_advice(error)
