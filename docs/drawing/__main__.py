"""``python -m docs.drawing [NAME …]`` writes the pictures again: all, or those of these modules."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

PICTURES = Path(__file__).parents[1] / "pictures"
MODULES = (
    *("logo", "bars", "pages", "terminal", "examples", "drafts"),
    *("report", "notation", "kept_figures"),
)


def main(names: list[str]) -> None:
    """Write them."""
    for name in names or MODULES:
        module = importlib.import_module(f"docs.drawing.{name}")
        for file, content in module.pictures().items():
            data = content.encode() if isinstance(content, str) else content
            (PICTURES / file).write_bytes(data)
            sys.stdout.write(f"{file}: {len(data)} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
