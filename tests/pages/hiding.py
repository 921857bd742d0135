"""Pages with words that nobody sees, by every way that PDF has for that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from tests.hostile.writing import page_pdf, stream

Way = Callable[[float, float, str], str]
"""The content that hides a text at this place, in points from below."""


class Text(NamedTuple):
    """A text, where its baseline begins, and how it is hidden, if it is."""

    x: float
    y: float
    text: str
    way: str = ""


def text(x: float, y: float, words: str, before: str = "", **how: Any) -> str:
    """The words, set in a font of the page; ``size``, ``matrix`` and ``font`` may be others."""
    matrix, size = how.get("matrix", "1 0 0 1"), how.get("size", 12)
    shown = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    font = how.get("font", "F")
    return f"BT /{font} {size} Tf {before} {matrix} {x} {y} Tm ({shown}) Tj ET\n"


def box(x: float, y: float, words: str) -> str:
    """A path around them."""
    return f"{x - 2} {y - 4} {8 * len(words) + 8} 18 re"


def picture(x: float, y: float, words: str, name: str) -> str:
    """A picture on them."""
    return f"q {8 * len(words) + 8} 0 0 18 {x - 2} {y - 4} cm /{name} Do Q\n"


def styled(before: str, **how: Any) -> Way:
    """The text in a state of its own."""
    return lambda x, y, words: f"q {before} {text(x, y, words, **how)} Q\n"


def on_box(color: str, then: str) -> Way:
    """The text on a box of this color."""
    return lambda x, y, words: f"q {color} {box(x, y, words)} f {then} {text(x, y, words)} Q\n"


def under_box(color: str) -> Way:
    """The text below a box of this color."""
    return lambda x, y, words: f"{text(x, y, words)} q {color} {box(x, y, words)} f Q\n"


def under_picture(name: str) -> Way:
    """The text below a picture."""
    return lambda x, y, words: text(x, y, words) + picture(x, y, words, name)


def marked(mark: str) -> Way:
    """The text as marked content."""
    return lambda x, y, words: f"{mark} BDC {text(x, y, words)} EMC\n"


def squeezed(matrix: str) -> Way:
    """The text in another matrix."""
    return lambda x, y, words: text(x, y, words, matrix=matrix)


WAYS: dict[str, Way] = {
    "render mode 3": styled("3 Tr"),
    "render mode 7": styled("7 Tr"),
    "render mode 7, then paint elsewhere": lambda x, y, words: (
        f"q {text(x, y, words, '7 Tr')} 1 0 0 rg 5 5 3 3 re f Q\n"
    ),
    "white": styled("1 g"),
    "white outlines": styled("1 G 1 Tr"),
    "white, and white outlines": styled("1 g 1 G 2 Tr"),
    "2 % gray": styled(".98 g"),
    "red on red": on_box("1 0 0 rg", ""),
    "black on black": on_box("0 g", "0 g"),
    "on a picture of its color": lambda x, y, words: (
        picture(x, y, words, "Red") + f"q 1 0 0 rg {text(x, y, words)} Q\n"
    ),
    "on a gradient of its color": lambda x, y, words: (
        f"q {box(x, y, words)} W n /Shade sh Q q .51 g {text(x, y, words)} Q\n"
    ),
    "under a white box": under_box("1 g"),
    "under a black box": under_box("0 g"),
    "under a picture": under_picture("Noise"),
    "under an inline picture": lambda x, y, words: text(x, y, words)
    + picture(x, y, words, "").replace("/ Do", "BI /W 1 /H 1 /BPC 8 /CS /G ID \xaa EI"),
    "under a gradient": lambda x, y, words: (
        f"{text(x, y, words)} q {box(x, y, words)} W n /Shade sh Q\n"
    ),
    "under a form": lambda x, y, words: f"{text(x, y, words)} q 1 0 0 1 {x} {y} cm /Cover Do Q\n",
    "clipped": styled("0 0 10 10 re W n"),
    "clipped twice": lambda x, y, words: (
        f"q {box(x, y, words)} W n 5 5 10 10 re W n {text(x, y, words)} Q\n"
    ),
    "clipped to nothing": styled("0 0 0 0 re W n"),
    "outside the box of its form": lambda x, y, words: f"q 1 0 0 1 {x} {y} cm /Beside Do Q\n",
    "alpha 0": styled("/A0 gs"),
    "alpha 0.01": styled("/A1 gs"),
    "outlines of alpha 0": styled("/A0 gs 1 Tr"),
    "masked": styled("/Mask gs"),
    "0.3 points": lambda x, y, words: text(x, y, words, size=0.3),
    "1 point": lambda x, y, words: text(x, y, words, size=1),
    "0 % wide": styled("0 Tz"),
    "1 % wide": styled("1 Tz"),
    "scaled to nothing": squeezed(".0001 0 0 .0001"),
    "flat": squeezed("1 0 0 .001"),
    "thin": squeezed(".001 0 0 1"),
    "below the page": lambda x, _, words: text(x, -50, words),
    "left of the page": lambda _, y, words: text(-3000, y, words),
    "in a layer that is off": marked("/OC /Off"),
    "in layers that are off": marked("/OC /AllOff"),
    "white, multiplied": styled("/Multiply gs 1 g"),
    "black, screened on white": on_box("1 g", "/Screen gs 0 g"),
    "black, the lighter on white": on_box("1 g", "/Lighten gs 0 g"),
    "white tiles": styled("/Pattern cs /Tiles scn"),
    "under tiles": lambda x, y, words: (
        f"{text(x, y, words)} q /Pattern cs /Dots scn {box(x, y, words)} f Q\n"
    ),
    "under letters as thick as a bar": lambda x, y, words: (
        text(x, y, words)
        + f"q 12 w {text(x + 4, y, 'M' * (len(words) - 2), '2 Tr')} Q\n"
    ),
    "a white gradient": styled("/Pattern cs /Fade scn"),
    "an ink that is none": styled("/None cs 1 scn"),
    "Type 3 without marks": styled("", font="Marks"),
    "Type 3 of empty shapes": styled("", font="Shapes"),
    "stated, not shown": lambda x, y, words: (
        f"/Span <</ActualText ({words})>> BDC {text(x, y, 'another thing')} EMC\n"
    ),
    "an alternate description": lambda x, y, words: (
        f"/Span <</Alt ({words})/E ({words})>> BDC {text(x, y, 'another thing')} EMC\n"
    ),
}  # fmt: skip

_CODES = (
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def "
    b"/CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange "
    b"1 beginbfrange <20> <7e> <0020> endbfrange endcmap end end"
)
_GRAY = "/FunctionType 2/Domain[0 1]/N 1"
_FADE = "/ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 612 0]/Extend[true true]/Function"


def _type3(marks: int) -> str:
    """A font all of whose glyphs are drawn by object ``marks``."""
    names = [f"/c{code}" for code in range(32, 127)]
    glyphs = " ".join(f"{name} {marks} 0 R" for name in names)
    return (
        "<</Type/Font/Subtype/Type3/FontBBox[0 0 600 800]/FontMatrix[.001 0 0 .001 0 0]"
        f"/FirstChar 32/LastChar 126/Widths[{'500 ' * 95}]/CharProcs<<{glyphs}>>/Resources<<>>"
        f"/Encoding<</Type/Encoding/Differences[32 {' '.join(names)}]>>/ToUnicode 8 0 R>>"
    )


def page_of(texts: Iterable[Text], *, page: str = "") -> bytes:
    """A page with these texts, in this order; ``page`` goes into its dictionary."""
    texts = list(texts)
    content = "".join(WAYS[each.way](*each[:3]) if each.way else text(*each[:3]) for each in texts)
    beside = "".join(text(0, 0, each.text) for each in texts if "form" in each.way)
    image = "/Type/XObject/Subtype/Image/BitsPerComponent 8"
    form = "/Type/XObject/Subtype/Form"
    objects: list[bytes | str] = [
        stream(content.encode("latin-1")),  # 4
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        stream(b"500 0 d0"),
        stream(b"500 0 0 0 500 700 d1"),
        stream(_CODES),  # 8
        _type3(6),
        _type3(7),
        stream(b"\xff\0\0", f"{image}/Width 1/Height 1/ColorSpace/DeviceRGB"),
        stream(bytes(range(0, 250, 5)), f"{image}/Width 10/Height 5/ColorSpace/DeviceGray"),  # 12
        f"<<{_GRAY}/C0[.5]/C1[.52]>>",
        f"<<{_GRAY}/C0[1]/C1[1]>>",
        f"<<{_FADE} 13 0 R>>",
        f"<</Type/Pattern/PatternType 2/Shading<<{_FADE} 14 0 R>>>>",  # 16
        stream(
            b"1 g 0 0 9 9 re f",
            "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9"
            "/Resources<<>>",
        ),
        stream(b"1 g -2 -4 600 18 re f", f"{form}/BBox[-2 -4 600 14]/Resources<<>>"),
        stream(
            beside.encode("latin-1"),
            f"{form}/BBox[-20 -20 -10 -10]/Resources<</Font<</F 5 0 R>>>>",
        ),
        stream(
            b"0 g 0 0 612 792 re f",
            f"{form}/BBox[0 0 612 792]/Group<</S/Transparency/CS/DeviceGray>>/Resources<<>>",
        ),  # 20
        "<</Type/OCG/Name(off)>>",
        "<</Type/OCMD/OCGs[21 0 R]/P/AnyOn>>",
        f"<<{_GRAY}/C0[0]/C1[1]>>",
        stream(
            b"1 1 .9 rg 0 0 4 4 re f 0 0 1 rg 0 0 1 1 re f",  # 24
            "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 4 4]/XStep 4/YStep 4"
            "/Resources<<>>",
        ),
    ]
    states = (
        "/A0<</ca 0/CA 0>>/A1<</ca .01/CA .01>>/Multiply<</BM/Multiply>>/Screen<</BM/Screen>>"
        "/Lighten<</BM/Lighten>>/Mask<</SMask<</S/Luminosity/G 20 0 R>>>>"
    )
    resources = (
        "/Font<</F 5 0 R/Marks 9 0 R/Shapes 10 0 R>>/Shading<</Shade 15 0 R>>"
        "/XObject<</Red 11 0 R/Noise 12 0 R/Cover 18 0 R/Beside 19 0 R>>"
        f"/ExtGState<<{states}>>/Pattern<</Fade 16 0 R/Tiles 17 0 R/Dots 24 0 R>>"
        "/ColorSpace<</None[/Separation/None/DeviceGray 23 0 R]>>"
        "/Properties<</Off 21 0 R/AllOff 22 0 R>>"
    )
    layers = "/OCProperties<</OCGs[21 0 R]/D<</OFF[21 0 R]/Order[21 0 R]>>>>"
    parts = f"/MediaBox[0 0 612 792]{page}/Contents 4 0 R/Resources<<{resources}>>"
    return page_pdf(*objects, page=parts, root=layers)
