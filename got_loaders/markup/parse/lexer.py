r"""Splits a formatted reading into the tokens of LaTeX, with Pygments' TexLexer.

Why that one. Of the maintained tokenizers for LaTeX in Python, pylatexenc's ``get_token`` copies
the rest of the text at each ``\begin``, which is quadratic, and takes about 8 µs a character;
TexLexer takes a chunk of text at once. Two of its rules are wrong for what a model reads and
quadratic on hostile text, and are replaced below: ``%`` begins no comment (the model writes it
for a percent sign), and what follows a command in brackets is text until the parser says
otherwise. Its states are of no use here either, since ``$`` is as often a price as a formula:
only its pieces are taken, which together are the text.

Knows how LaTeX is spelt, not what any command means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal, NamedTuple

from pygments.lexer import default  # type: ignore[import-untyped]  # Pygments has no types
from pygments.lexers.markup import TexLexer  # type: ignore[import-untyped]  # likewise
from pygments.token import Text  # type: ignore[import-untyped]  # likewise

__all__ = ["Token", "TokenKind", "tokenize"]

TokenKind = Literal[
    "text", "command", "symbol", "open", "close", "bracket", "unbracket", "cell", "dollar",
    "begin", "end", "smiles",
]  # fmt: skip


class Token(NamedTuple):
    r"""A piece of the reading; a named tuple, since a long reading has a million of them.

    ``text`` is the name of a command (``section``), the sign of a symbol (``&`` of ``\&``, empty
    for a backslash alone), the name of an environment, else what stands there.
    """

    kind: TokenKind
    text: str
    start: int
    end: int


class _Lexer(TexLexer):  # type: ignore[misc]  # Pygments has no types
    tokens: ClassVar = {
        "general": [(r"[{}&_^%]", Text)],
        "command": [default("#pop")],
    }


_LEXER = _Lexer()
_KINDS: dict[str, TokenKind] = {
    "\\": "symbol",
    "{": "open",
    "}": "close",
    "&": "cell",
    "$": "dollar",
}
_NAME = re.compile(r"\\([A-Za-z]+)")
_BRACKET = re.compile(r"[\[\]]")
_SMILES = re.compile(r"<smiles>([^<\n]*)(?:</smiles>|\Z)")
_MAX_NAME_CHARS = 40
"""Characters of an environment's name; a longer one is none."""


def tokenize(text: str) -> list[Token]:
    """The tokens of a reading in its order: all of it, each character once."""
    tokens: list[Token] = []
    done = 0
    for match in _SMILES.finditer(text):
        tokens.extend(_folded(list(_latex(text[done : match.start()], done))))
        tokens.append(Token("smiles", match[1], match.start(), match.end()))
        done = match.end()
    tokens.extend(_folded(list(_latex(text[done:], done))))
    return tokens


def _latex(text: str, offset: int) -> Iterator[Token]:
    done = 0  # where the text begins that no token holds yet
    for start, _, value in _LEXER.get_tokens_unprocessed(text):
        kind = _KINDS.get(value[0])
        if kind is None:
            continue
        yield from _text(text, done, start, offset)
        end, content = start + len(value), value
        if kind == "symbol":
            name = _NAME.match(value)
            kind = "command" if name else "symbol"
            content = name[1] if name else value[1:2]
            end = start + 1 + len(content)
        yield Token(kind, content, offset + start, offset + end)
        done = end
    yield from _text(text, done, len(text), offset)


def _text(text: str, start: int, end: int, offset: int) -> Iterator[Token]:
    """Ordinary text, its square brackets apart: they may be an argument's."""
    for match in _BRACKET.finditer(text, start, end):
        at = match.start()
        if start < at:
            yield Token("text", text[start:at], offset + start, offset + at)
        kind: TokenKind = "bracket" if match[0] == "[" else "unbracket"
        yield Token(kind, match[0], offset + at, offset + at + 1)
        start = at + 1
    if start < end:
        yield Token("text", text[start:end], offset + start, offset + end)


def _folded(tokens: list[Token]) -> Iterator[Token]:
    r"""The tokens with ``\begin{name}`` and ``\end{name}`` as one each, and ``$$`` as one."""
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.kind == "command" and token.text in ("begin", "end"):
            folded = _environment(tokens, position)
        elif token.kind == "dollar" and token.text == "$":
            folded = _dollars(tokens, position)
        else:
            folded = None
        if folded is None:
            yield token
            position += 1
        else:
            token, position = folded
            yield token


def _environment(tokens: list[Token], position: int) -> tuple[Token, int] | None:
    command = tokens[position]
    after = position + 1
    if after < len(tokens) and tokens[after].kind == "text" and tokens[after].text.isspace():
        after += 1
    braced = tokens[after : after + 3]
    if [token.kind for token in braced] != ["open", "text", "close"]:
        return None
    name = braced[1].text.strip()
    if not name or "\n" in name or len(name) > _MAX_NAME_CHARS:
        return None
    kind: TokenKind = "begin" if command.text == "begin" else "end"
    return Token(kind, name, command.start, braced[2].end), after + 3


def _dollars(tokens: list[Token], position: int) -> tuple[Token, int] | None:
    if position + 1 == len(tokens) or tokens[position + 1][:2] != ("dollar", "$"):
        return None
    return Token("dollar", "$$", tokens[position].start, tokens[position + 1].end), position + 2
