"""The page of the examples: what each does, in its own words, and what it prints when it runs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["pictures"]

ROOT = Path(__file__).parents[2]
EXAMPLES = {
    "demo": "Four pages in both frameworks",
    "langchain_loader": "LangChain: loading and indexing",
    "llama_index_reader": "LlamaIndex: a folder and a pipeline",
    "rag_langchain": "LangChain: from a manual to answers",
    "rag_llama_index": "LlamaIndex: from a manual to answers",
    "look_at_pages": "Pages without a framework",
    "keep_figures": "The figures of a scan",
    "render_notation": "Formulas, charts and molecules as they look",
    "write_report": "A report of what was read",
    "show_chunk": "From a chunk back to the page",
    "correct_a_page": "A correction, and a page that changes",
    "agent_langchain": "LangChain: an agent with a tool",
    "agent_llama_index": "LlamaIndex: an agent with a tool spec",
    "archive": "An archive, and a lost process",
    "read_on_ray": "A cluster, and a second run that has nothing to read",
    "serve_and_read": "A server, and who asks it",
}
"""File → heading, in the order of the page."""
BESIDE = {
    "show_chunk": "![A question, the chunk that answers it, and a frame around the lines where it "
    "stands](pictures/chunk.svg)"
}
MOST_LINES = 46
"""Of one output; what follows is left out, which is said."""
HEAD = """# Examples

```python
from pathlib import Path

from sample_pages import write_scan  # examples/sample_pages.py draws what the examples read

from got_loaders import GotOcrLoader

scan = write_scan(Path("report.pdf"))
for document in GotOcrLoader(scan, model="tiny", pages="2").lazy_load():
    print(document.page_content)
```

The folder `examples/` of the repository has these programs. Each makes its own pages, reads them
with the embedded model and needs no network: `python examples/demo.py`. What they print stands
below them; it was written here by a script that ran them (`make draw`), which shortens temporary
folders and long numbers, and leaves ids and times out.
"""
SHORTENED = (
    (r"(?m)^\[.*core_worker\.cc.*\n", ""),  # Ray's own warning of its actors
    (r"/\S*?/tmp\w{8}(?=/)", "/tmp/…"),  # noqa: S108  # it is only shown
    (r"\d{4}-\d\d-\d\d \d\d:\d\d\S*", "…"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "…"),
    (r"(\d+\.\d)\d{6,}", r"\1"),
    (r"Loading weights.*\n", ""),
)


def pictures() -> dict[str, str]:
    """Name → content: a page and no picture, but made with them."""
    return {
        "../examples.md": "\n".join([HEAD, *(part for name in EXAMPLES for part in _part(name))])
    }


def _part(name: str) -> Iterator[str]:
    """Heading, docstring, file, output."""
    file = ROOT / "examples" / f"{name}.py"
    told = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    paragraphs = [p for p in told.split("\n\n") if not p.startswith("    ")]
    words = "\n\n".join(paragraphs).replace("``", "`")
    yield f"## {EXAMPLES[name]}\n"
    yield re.sub(r":$", ".", words) + "\n"
    if name in BESIDE:
        yield BESIDE[name] + "\n"
    yield f"`python examples/{name}.py` prints:\n"
    lines = _output(file).splitlines()
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"… and {len(lines) - MOST_LINES} lines more"]
    yield "\n".join(["```text", *lines, "```", ""])


def _output(file: Path) -> str:
    """What it prints, with what it logs, in the order of time."""
    ran = subprocess.run(  # noqa: S603  # our own examples
        [sys.executable, str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "HF_HUB_OFFLINE": "1",
            "PYTHONWARNINGS": "ignore",
        },
        check=True,
        text=True,
    )
    out = ran.stdout
    for pattern, short in SHORTENED:
        out = re.sub(pattern, short, out)
    return out.strip("\n")
