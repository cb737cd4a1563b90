"""What of somebody else's HTML and SVG may stand on a page?

Two allow-lists, one for HTML (nh3 on html5ever's parse tree) and one for SVG (an XML tree, written anew).
Whatever is not listed goes; text stays. Classes and ids go as well, so that foreign output can neither
dress up as a verdict nor take over an anchor of the page.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import lru_cache

import nh3
from markupsafe import Markup

from toolkit.reporting.allowed import (
    ATTRIBUTES,
    SVG_ATTRIBUTES,
    SVG_ELEMENTS,
    SVG_STYLES,
    TAGS,
    WITH_CONTENT,
)

_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_TAG = re.compile(r"""<(/?)([A-Za-z][A-Za-z0-9]*)((?:[^"'>]|"[^"]*"|'[^']*')*)>""")


def clean_html(text: str) -> Markup:
    """`text` with only the listed tags and attributes; links to web, mail and relative addresses alone.

    Images must carry their own data, since a page asks for nothing. Header cells get the scope that they
    lack, and tables a frame in which they scroll.
    """
    cleaned = nh3.clean(
        text,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        clean_content_tags=set(WITH_CONTENT),
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    return Markup(_frame_tables(cleaned))  # noqa: S704  # the allow-list above made it


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if _IMAGE.fullmatch(value) else None
    if name in ("href", "cite") and value.strip().lower().startswith("data:"):
        return None
    return value


def _frame_tables(text: str) -> str:
    in_head = False

    def step(match: re.Match[str]) -> str:
        nonlocal in_head
        closing, tag, rest = match[1], match[2].lower(), match[3]
        if tag == "thead":
            in_head = not closing
        if tag == "table":
            frame = '<div class="scroll" role="region" aria-label="Table" tabindex="0">'
            return "</table></div>" if closing else f"{frame}<table{rest}>"
        if tag == "th" and not closing and not re.search(r"\bscope=", rest):
            return f'<th scope="{"col" if in_head else "row"}"{rest}>'
        return match[0]

    return _TAG.sub(step, text)


def order_headings(text: str) -> Markup:
    """Headings of a page's body, so that they start at level 2 below the page's title and skip no level.

    `text`: HTML that is already clean. Levels are kept where they can be.
    """
    level, opened = 1, 0

    def step(match: re.Match[str]) -> str:
        nonlocal level, opened
        tag = match[2].lower()
        if len(tag) != 2 or tag[0] != "h" or tag[1] not in "123456":
            return match[0]
        if match[1]:
            return f"</h{opened or level}>"
        level = opened = max(2, min(int(tag[1]), level + 1))
        return f"<h{level}{match[3]}>"

    return Markup(_TAG.sub(step, text))  # noqa: S704  # only digits of tags have changed


_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
# url(#local) aside, no function that could fetch; CSS escapes and comments are refused with the value.
_VALUE = re.compile(r"(?:[\w\s.,%#'\"+-]|url\(#[\w:.-]+\)|var\(--[\w-]+\)|rgba?\([\d\s.,%]+\))*")
_TRANSFORM = re.compile(r"(?:(?:matrix|translate|scale|rotate|skewX|skewY)\([\d\s.,eE+-]*\)[\s,]*)*")
_LOCAL = re.compile(r"url\(#([\w:.-]+)\)")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*>", re.IGNORECASE)


def clean_svg(text: str, prefix: str = "") -> Markup | None:
    """An SVG drawing with only the listed elements and attributes, written anew; None where it is no SVG.

    prefix: put before every id and its references, so that several drawings can stand on one page.
    Nothing in it can fetch, run or style anything outside of itself.
    """
    body = _DOCTYPE.sub("", text, count=1)
    if "<!DOCTYPE" in body.upper() or "<!ENTITY" in body.upper():
        return None
    try:
        root = ET.fromstring(body)  # noqa: S314  # no entities, no document type: seen to above
    except (ET.ParseError, ValueError):
        return None
    if root.tag not in (f"{{{_SVG}}}svg", "svg"):
        return None
    cleaned = _element(root, prefix)
    if cleaned is None:
        return None
    cleaned.tail = None
    cleaned.set("stroke-linejoin", cleaned.get("stroke-linejoin", "round"))
    return Markup(ET.tostring(cleaned, encoding="unicode"))  # noqa: S704  # written from the allow-list


def _element(source: ET.Element, prefix: str) -> ET.Element | None:
    name = source.tag.removeprefix(f"{{{_SVG}}}") if isinstance(source.tag, str) else ""
    if name not in SVG_ELEMENTS:
        return None
    made = ET.Element(name)
    for key, value in source.attrib.items():
        kept = _svg_attribute(name, key, value, prefix)
        if kept is not None:
            made.set(*kept)
    made.text, made.tail = source.text, source.tail
    for child in source:
        kept_child = _element(child, prefix)
        if kept_child is not None:
            made.append(kept_child)
    return made


def _svg_attribute(element: str, key: str, value: str, prefix: str) -> tuple[str, str] | None:
    if element == "image" and key in ("href", f"{{{_XLINK}}}href"):
        return ("href", value) if _IMAGE.fullmatch(value) else None
    kept = _allowed(key, value)
    if kept is None:
        return None
    name, value = kept
    if name == "id":
        return (name, prefix + value)
    if name == "href":
        return (name, f"#{prefix}{value[1:]}")
    if "url(" not in value or name == "aria-label":
        return kept
    return (name, _LOCAL.sub(rf"url(#{prefix}\1)", value))


@lru_cache(maxsize=20_000)  # a drawing says the same few things of most of its marks
def _allowed(key: str, value: str) -> tuple[str, str] | None:
    """An attribute as it may stand, references not yet those of the page; None where it may not."""
    if key in ("href", f"{{{_XLINK}}}href"):
        return ("href", value) if re.fullmatch(r"#[\w:.-]+", value) else None
    if key not in SVG_ATTRIBUTES:
        return None
    if key == "id":
        return (key, value) if re.fullmatch(r"[\w:.-]+", value) else None
    if key == "style":
        return (key, _style(value))
    shape = _TRANSFORM if key.lower().endswith("transform") else _VALUE
    return (key, value) if key == "aria-label" or shape.fullmatch(value) else None


def _style(text: str) -> str:
    kept = []
    for declaration in text.split(";"):
        name, colon, value = declaration.partition(":")
        if colon and name.strip().lower() in SVG_STYLES and _VALUE.fullmatch(value.strip()):
            kept.append(f"{name.strip().lower()}: {value.strip()}")
    return "; ".join(kept)
