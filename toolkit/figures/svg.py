"""How does matplotlib's SVG become one for a page: small, unique ids, the page's colours and font?"""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET

from toolkit.figures.palette import VARIABLES

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"#([\w:.-]+)")
_COLOUR = re.compile("|".join(map(re.escape, VARIABLES)), re.IGNORECASE)


def tidy(text: str, *, alt: str, width: float) -> str:
    """The drawing `text` (matplotlib's own output) for a page.

    alt: the accessible name; width: in CSS pixels. Document type, metadata and global styles go, unused ids
    go, used ones are made unique by a digest of the drawing, stand-in colours become CSS variables, fonts are
    left to the page. The same drawing always gives the same text.
    """
    root = ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", text, count=1))  # noqa: S314  # made by matplotlib
    digest = "f" + hashlib.sha256(text.encode()).hexdigest()[:10]
    used = set(_REFERENCE.findall(" ".join(value for node in root.iter() for value in node.attrib.values())))
    _drop(root, {f"{_SVG}metadata", f"{_SVG}style"})
    for node in root.iter():
        node.tag = node.tag.removeprefix(_SVG)
        node.attrib = dict(_attributes(node.attrib, used, digest))
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"width": f"{width:g}", "role": "img", "aria-label": alt, "xmlns": _SVG[1:-1]}
    root.attrib |= {"stroke-linejoin": "round", "stroke-linecap": "butt"}
    return ET.tostring(root, encoding="unicode")


def _attributes(given: dict[str, str], used: set[str], digest: str) -> list[tuple[str, str]]:
    kept = []
    for key, value in given.items():
        if key == "id":
            if value in used:
                kept.append((key, f"{digest}-{value}"))
            continue
        if key == _HREF:
            key = "href"
        if key == "href" and value.startswith("#"):
            value = f"#{digest}-{value[1:]}"
        if key == "style":
            value = _style(value)
        value = re.sub(r"url\(#([\w:.-]+)\)", rf"url(#{digest}-\1)", value)
        if key in ("fill", "stroke", "style"):
            value = _COLOUR.sub(lambda found: VARIABLES[found[0].lower()], value)
        kept.append((key, value))
    return kept


def _style(text: str) -> str:
    """A style without font families; matplotlib's `font` shorthand keeps its size and weight."""
    kept = []
    for declaration in text.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name == "font":
            size = re.search(r"([\d.]+)px", value)
            weight = re.search(r"\b(bold|[1-9]00)\b", value)
            kept += [f"font-size: {size[1]}px"] if size else []
            kept += [f"font-weight: {weight[1]}"] if weight else []
        elif name and name != "font-family":
            kept.append(f"{name}: {value}")
    return "; ".join(kept)


def _drop(parent: ET.Element, tags: set[str]) -> None:
    for child in list(parent):
        if child.tag in tags:
            parent.remove(child)
        else:
            _drop(child, tags)
