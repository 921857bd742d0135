r"""Writes what is kept as it is: music, charts, TikZ, LaTeX that is not understood.

The model's own TeX runs only where it can do no harm: a TikZ picture whose braces and
environments match and in which no command but those of drawing and text stands.
"""

from __future__ import annotations

from got_loaders.markup.parse.lexer import tokenize
from got_loaders.markup.write.latex.escape import latex_text
from got_loaders.markup.write.unsafe_commands import is_unsafe_in_latex

__all__ = ["verbatim"]


def verbatim(text: str, language: str) -> str:
    """Lines as they are; as code where TeX would read them."""
    if language == "tikz" and _is_sound(text):
        return text
    if "\\" not in text and _is_sound(text):
        return f"\\begin{{verbatim}}\n{text}\n\\end{{verbatim}}"
    lines = [latex_text(line).replace("\t", "    ") for line in text.split("\n")]
    return "\\\\\n".join(f"\\texttt{{{line}}}" for line in lines if line.strip())


def _is_sound(text: str) -> bool:
    """Whether braces and environments match, and no command does more than draw."""
    opened: list[str] = []
    if "^^" in text:  # TeX's way to write any character, a backslash too
        return False
    for token in tokenize(text):
        if token.kind == "smiles" or (token.kind == "command" and is_unsafe_in_latex(token.text)):
            return False
        if token.kind in ("open", "begin"):
            opened.append(token.text)
        elif token.kind in ("close", "end"):
            expected = "{" if token.kind == "close" else token.text
            if not opened or opened.pop() != expected:
                return False
    return not opened
