"""A fragment as a page of its own, which opens without a network and runs nothing."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape

__all__ = ["html_document"]

_CSS = """\
:root{color-scheme:light dark}
body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.55 system-ui,sans-serif}
h1,h2,h3{line-height:1.25}
table{border-collapse:collapse;margin:1em 0}
td,th{border:1px solid #8888;padding:.25em .6em;text-align:left;vertical-align:top}
pre{overflow-x:auto;padding:.8em;background:#8881;border-radius:6px}
pre.plain{background:none;padding:0;white-space:pre-wrap;font:inherit}
code.formula{color:#b3261e}
main{overflow-x:auto}
.formula{text-align:center}
.author,.caption,.footnote{opacity:.8}
figure{margin:1.2em 0}
img{max-width:100%;height:auto}
.notation details{margin-top:.4em}
"""


def html_document(fragment: str, *, title: str) -> str:
    """A page with ``fragment``, which must be harmless already; ``title`` is escaped here."""
    digest = b64encode(sha256(_CSS.encode()).digest()).decode("ascii")
    policy = (
        "default-src 'none'; img-src data:; style-src-attr 'unsafe-inline'; "
        f"style-src-elem 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="und">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_CSS}</style>\n</head>\n"
        f"<body>\n<main>\n{fragment}\n</main>\n</body>\n</html>\n"
    )
