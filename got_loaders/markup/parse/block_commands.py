"""Commands whose sense stands by itself: headings, authors, captions, notes, pictures."""

from __future__ import annotations

from collections.abc import Callable

from got_loaders.markup.nodes import Author, Block, Caption, Footnote, Heading, Image, Inline, Text
from got_loaders.markup.parse.block_builder import unbroken_line
from got_loaders.markup.parse.command_call import Call, Handler
from got_loaders.markup.parse.latex_commands import HEADINGS
from got_loaders.markup.parse.styles import marked

__all__ = ["APART"]


def _heading(call: Call) -> int | None:
    group = call.content()
    if group is None:
        return None
    content = call.line(group)
    if content:
        call.flow.block(Heading(content, HEADINGS[call.name], title=call.name == "title"))
    else:
        call.flow.end_paragraph()
    return group.after


def _in_block(make: Callable[[tuple[Inline, ...]], Block]) -> Handler:
    def handler(call: Call) -> int | None:
        group = call.content()
        if group is None:
            return None
        content = call.line(group)
        if content:
            call.flow.block(make(unbroken_line(content) if make is Caption else content))
        return group.after

    return handler


def _paragraph(call: Call) -> int | None:
    group = call.content()
    if group is None:
        return None
    call.flow.end_paragraph()
    call.flow.add(*call.line(group))
    call.flow.end_paragraph()
    return group.after


def _footnote_text(call: Call) -> int | None:
    option = call.option()
    group = call.group(option)
    if group is None:
        return None
    mark = marked(call.reader, option)
    content = (*mark, Text(" "), *call.line(group)) if mark else call.line(group)
    if content:
        call.flow.block(Footnote(unbroken_line(content)))
    return group.after


def _image(call: Call) -> int | None:
    group = call.content()
    if group is None:
        return None
    call.flow.block(Image(call.reader.raw(group).strip()))
    return group.after


APART: dict[str, Handler] = {
    **dict.fromkeys(HEADINGS, _heading),
    **dict.fromkeys(["affil", "affiliation", "institute", "address", "email", "date"], _paragraph),
    "author": _in_block(Author),
    "caption": _in_block(Caption),
    "footnotetext": _footnote_text,
    "includegraphics": _image,
}
