"""Takes out of an SVG all that could act or fetch: what is left only draws.

What libraries and TeX engines draw comes from text that was read. Elements, attributes and values
pass by lists of what is allowed; the result has no script, no handler, no link, no foreign content,
no entity, and refers to nothing but itself and the pictures and fonts that it holds.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET
from xml.parsers import expat

__all__ = ["UnsafeSvgError", "clean_svg"]

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_ELEMENT_NAMES = """
    svg g defs symbol use path rect circle ellipse line polyline polygon text tspan title desc style
    clipPath mask pattern linearGradient radialGradient stop image marker
"""
_ATTRIBUTE_NAMES = """
    id class style version type viewBox width height x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy d
    points transform offset rotate textLength lengthAdjust preserveAspectRatio overflow visibility
    display opacity color fill fill-opacity fill-rule stroke stroke-width stroke-opacity
    stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset clip-path
    clip-rule clipPathUnits mask maskUnits maskContentUnits mask-type patternUnits patternTransform
    patternContentUnits gradientUnits gradientTransform spreadMethod stop-color stop-opacity
    markerWidth markerHeight markerUnits refX refY orient marker-start marker-mid marker-end
    font-family font-size font-style font-weight font-variant text-anchor text-decoration
    dominant-baseline letter-spacing word-spacing color-interpolation image-rendering
    mix-blend-mode isolation shape-rendering vector-effect
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_HREFS = frozenset({"href", f"{{{_XLINK}}}href"})
_PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]*")
_OWN = re.compile(r"#[^\s\"'()<>\\]+")
_FUNCTION = re.compile(r"([A-Za-z-]*)\s*\(\s*([^)]*)")
_FUNCTIONS = frozenset(
    {"url", "rgb", "rgba", "hsl", "hsla"}
    | {"matrix", "translate", "scale", "rotate", "skewX", "skewY"}
)
_FORBIDDEN = re.compile(r"[\\@<>]|/\*")
_RULE = re.compile(r"([^{}@<>\\]*)\{([^{}@<>\\]*)\}")
_FONT_FACE = re.compile(
    r"@font-face\s*\{\s*font-family:\s*'[A-Za-z0-9 ]+';\s*src:\s*url\("
    r"data:(?:application/|font/)[a-z0-9-]+;(?:charset=[a-z0-9-]+;)?base64,[A-Za-z0-9+/=\s]+\)"
    r"(?:\s*format\('[a-z0-9]+'\))?;?(?:\s*font-(?:weight|style):\s*[a-z]+;)*\s*\}"
)
_MAX_DEPTH = 200
_VIEW_BOX = re.compile(r"\s*-?[\d.]+[\s,]+-?[\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)\s*")


class UnsafeSvgError(ValueError):
    """What should be an SVG is none, or declares entities."""


def clean_svg(text: str) -> str:
    """``text``, an SVG document, without what is not known to be harmless.

    Its root says its width and height. :class:`UnsafeSvgError` where it can't be parsed.
    """
    root = _parse(text)
    if root.tag != f"{{{_SVG}}}svg":
        raise UnsafeSvgError("not an SVG document")
    cleaned = _clean(root, 0)
    assert cleaned is not None  # svg is an element that passes
    cleaned.attrib = {"xmlns": _SVG, "xmlns:xlink": _XLINK, **cleaned.attrib}
    cleaned.tail = None
    view = _VIEW_BOX.fullmatch(cleaned.get("viewBox", ""))
    for name, number in (("width", 1), ("height", 2)) if view else ():
        if cleaned.get(name) is None and view:
            cleaned.set(name, view[number])
    return ET.tostring(cleaned, encoding="unicode")


def _parse(text: str) -> ET.Element:
    builder = ET.TreeBuilder()  # comments and instructions are dropped
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.ordered_attributes = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        builder.start(_name(tag), {_name(name): value for name, value in attributes.items()})

    def refuse(*_: object) -> None:
        raise UnsafeSvgError("it declares a document type")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: builder.end(_name(tag))
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(_without_declaration(text).encode("utf-8"), True)
        return builder.close()
    except (expat.ExpatError, UnicodeEncodeError, AssertionError) as error:
        raise UnsafeSvgError(f"not well-formed: {error}") from error


def _without_declaration(text: str) -> str:
    """Without ``<?xml … encoding=…?>``: it is text by now."""
    text = text.lstrip("\ufeff \t\r\n")
    return text[text.find("?>") + 2 :] if text.startswith("<?xml") else text


def _name(tag: str) -> str:
    return f"{{{tag}" if "}" in tag else tag


def _clean(element: ET.Element, depth: int) -> ET.Element | None:
    """A copy that holds only what is allowed; None where the element itself is not."""
    name = element.tag.removeprefix(f"{{{_SVG}}}")
    if name not in _ELEMENTS or depth > _MAX_DEPTH:
        return None
    copy = ET.Element(name, _attributes(name, element))
    copy.text, copy.tail = element.text, element.tail
    if name in ("style", "title", "desc"):
        copy.text = "".join(element.itertext())
    if name == "style":
        copy.text = _clean_css(copy.text or "")
        return copy
    for child in element if name not in ("title", "desc") else ():
        cleaned = _clean(child, depth + 1)
        if cleaned is not None:
            copy.append(cleaned)
    return copy


def _attributes(name: str, element: ET.Element) -> dict[str, str]:
    kept = {}
    for key, value in element.attrib.items():
        if key in _HREFS:
            rule = _PICTURE if name == "image" else _OWN
            if rule.fullmatch(value.strip()):
                kept["xlink:href"] = value.strip()
        elif key == "{http://www.w3.org/XML/1998/namespace}space":
            kept["xml:space"] = value
        elif key in _ATTRIBUTES and _is_harmless(value):
            kept[key] = value
    return kept


def _is_harmless(value: str) -> bool:
    """Whether a value calls only functions that fetch nothing."""
    if "(" not in value and "\\" not in value and "@" not in value:
        return True
    if _FORBIDDEN.search(value):
        return False
    return all(
        match[1] in _FUNCTIONS
        and "(" not in match[2]
        and (match[1] != "url" or _OWN.fullmatch(match[2].strip().strip("'\"")) is not None)
        for match in _FUNCTION.finditer(value)
    )


def _clean_css(css: str) -> str:
    """The plain rules of a style sheet, and the fonts that it holds itself."""
    fonts = [match[0] for match in _FONT_FACE.finditer(css)]
    rules = (match for match in _RULE.finditer(_FONT_FACE.sub("", css)))
    kept = [f"{m[1].strip()} {{{m[2].strip()}}}" for m in rules if _is_harmless_rule(m)]
    return "\n".join([*fonts, *kept])


def _is_harmless_rule(match: re.Match[str]) -> bool:
    return "(" not in match[1] and "/*" not in match[0] and _is_harmless(match[2])
