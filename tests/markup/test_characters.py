"""Characters that nobody sees, at every place of what would act if they came undone there."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from got_loaders._characters import clean_text
from got_loaders.markup import (
    content_kind,
    escape_html,
    escape_latex,
    escape_markdown,
    to_html,
    to_latex,
    to_markdown,
    to_text,
)
from tests.hostile.reading import active, documents
from tests.markup import html_reading
from tests.markup.markdown_reading import html_of_a_reader_without_maths
from tests.pages import making

ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "</p><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](http://e.example/a.png)",
    "&lt;b&gt; <http://e.example>",
    r"$\href{javascript:alert(1)}{x}$",
    r"\[\htmlStyle{color:red}{x}\]",
    r"\( \input{/etc/passwd} \)",
    r"\(\text{\input{a}}^^5cinput{a}\)",
    r"\textbackslash input\{a\}",
    r"\end{document}\input{a}",
    r"\begin{verbatim}\input{a}\end{verbatim}",
    r"\begin{tikzpicture}\input{a}\end{tikzpicture}",
    r"\begin{input}a\end{input}",
    r"<smiles>\input{a}<b></smiles>",
    r"\begin{tabular}{l}<b>&\input{a}\\\end{tabular}",
    r"\section*{<b>\input{a}}",
    "| a |\n|---|\n# h\n",
    "**kern\n<b>\n*-\n",
]
"""What must not act: tags, links, pictures, mark-up of Markdown, commands of TeX."""

SEEN = {*"\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2", "\U000110bd"}
SEEN |= {"\U000110cd"}
"""Format characters that show: signs around numbers in Arabic, Syriac and Kaithi."""


def unseen() -> Iterator[str]:
    """All control and format characters, separators of lines, noncharacters, some surrogates."""
    for character in map(chr, range(sys.maxunicode + 1)):
        category = unicodedata.category(character)
        is_none = ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"
        if category in ("Cc", "Cf", "Zl", "Zp") or is_none:
            yield from {character} - SEEN
    yield from "\ud800\udbff\udc00\udfff\u034f\u115f\u3164\ufe0f\uffa0\U000e0100\U000e0fff"


UNSEEN = [character for character in unseen() if character not in "\t\n"]
KINDS = "\0\x0c\x1b\x7f\x85\xad\u200b\u202e\u2028\ufe0f\uffff\ud800\U000e0041"
"""One of each kind of them; `make soak` puts the others at each place, too."""
FORMS: dict[str, Callable[[str], str]] = {
    "markdown": to_markdown,
    "html": to_html,
    "latex": to_latex,
    "text": to_text,
}
ESCAPES = {"markdown": escape_markdown, "html": escape_html, "latex": escape_latex}


def spread(character: str) -> str:
    """Each attack with ``character`` at each place of it, a paragraph each."""
    return "\n\n".join(
        attack[:place] + character + attack[place:]
        for attack in ATTACKS
        for place in range(len(attack) + 1)
    )


def names(characters: list[str]) -> list[str]:
    """Code points, to name tests by."""
    return [f"U+{ord(character):04X}" for character in characters]


@pytest.mark.parametrize("character", UNSEEN, ids=names(UNSEEN))
def test_between_the_letters_of_a_mark_it_is_gone_before_the_mark_is_read(character: str) -> None:
    """Nothing is left of it to clean afterwards: it is gone, a line's end, or seen (U+FFFD)."""
    for attack in ATTACKS:
        for place in range(1, len(attack)):
            cleaned = clean_text(attack[:place] + character + attack[place:])
            became = cleaned[place : len(cleaned) - len(attack) + place]
            assert attack[:place] + became + attack[place:] == cleaned
            assert became in ("", "\n", "\ufffd")


@pytest.mark.parametrize(
    "character",
    [
        pytest.param(c, id=name, marks=() if c in KINDS else pytest.mark.slow)
        for c, name in zip(UNSEEN, names(UNSEEN), strict=True)
    ],
)
def test_nothing_acts_wherever_it_stands(character: str) -> None:
    """No tag, link or command lives in any form, nor when such characters are taken out later."""
    reading = spread(character)
    for form, convert in FORMS.items():
        written = convert(reading)
        assert clean_text(written) == written, form
        assert active(written, form) == [], form
        assert active(written.translate(dict.fromkeys(map(ord, UNSEEN))), form) == [], form
    for form, escape in ESCAPES.items():
        written = escape(reading)
        assert clean_text(written) == written, form
        assert active(written, form) == [], form
    tables = html_of_a_reader_without_maths(to_markdown(reading, table_format="html"))
    assert html_reading.read("".join(tables)).faults == []


@pytest.mark.parametrize("character", UNSEEN, ids=names(UNSEEN))
def test_nothing_acts_with_one_between_all_letters(character: str) -> None:
    """Each of them is taken out of what any form is made of."""
    reading = "\n\n".join(map(character.join, ATTACKS))
    for form, convert in [*FORMS.items(), *ESCAPES.items()]:
        written = convert(reading)
        assert clean_text(written) == written, form
        assert active(written, form) == [], form


@pytest.mark.parametrize("output", ["markdown", "html", "latex", "text", "raw"])
@pytest.mark.parametrize("formatted", [True, False], ids=["formatted", "plain"])
def test_documents_are_cleaned_before_they_are_converted(output: str, formatted: bool) -> None:
    """A Document's text is that of the reading without the characters, in every form."""
    page = making.image(Image.new("RGB", (80, 60), "white"), "PNG")
    options = {"output": output, "format": formatted, "skip_blank": False}
    for character in "\x01\x1b\x7f\x9b\u200b\u202e\ufeff\uffff\U000e0041":
        for attack in ("<i>", "[x](y)", r"$\href{a}{b}$", r"\(\input{a}\)"):
            split = f"{attack[:2]}{character}{attack[2:]}"
            (document,), (whole,) = (documents(page, text, **options) for text in (split, attack))
            assert document.page_content == whole.page_content


def test_what_nobody_sees_says_nothing_of_the_kind() -> None:
    """A molecule with a byte order mark before it is one."""
    assert content_kind("\ufeff<smiles>C\x01C</smiles>") == "smiles"


WRITTEN = {
    "Persian, with a joiner that parts": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0646\u0645",
    "a family": "👨\u200d👩\u200d👧",
    "a heart as a picture": "❤\ufe0f",
    "a key": "5\ufe0f\u20e3",
    "Thai, with places to break a line": "ภาษา\u200bไทย",
    "a Chinese variant": "葛\U000e0100城",
    "tabs and lines": "a\tb\nc",
    "signs around numbers": "\u0600123",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_what_a_script_needs_stays(text: str) -> None:
    """Joiners and variants stay beside the letters and pictures that they belong to."""
    assert clean_text(text) == text
    assert to_text(text) == text
    assert escape_html(text) == text


LINES = ["a\r\nb", "a\rb", "a\x0bb", "a\x0cb", "a\x85b", "a\u2028b", "a\u2029b"]


@pytest.mark.parametrize("text", LINES, ids=ascii)
def test_what_ends_a_line_ends_it(text: str) -> None:
    """Words on two lines are not joined when a line's end goes that Markdown does not know."""
    assert escape_html(text) == "a\nb"
    assert to_markdown(text) == "a  \nb"
