"""Which tags, attributes and styles may other people's HTML and SVG keep on a page?"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = _names(
    """
    a abbr b bdi blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong
    sub summary sup table tbody td tfoot th thead time tr u ul var wbr
    """
)
ATTRIBUTES = {
    "*": {"title", "lang", "dir"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "time": {"datetime"},
}
# What stands inside these is code or markup, not text for a reader: it goes with the tag.
WITH_CONTENT = _names("script style template noscript iframe object title textarea xmp")

SVG_ELEMENTS = _names(
    """
    svg g path rect circle ellipse line polyline polygon text tspan defs clipPath use linearGradient
    radialGradient stop title desc image marker pattern symbol mask
    """
)
SVG_ATTRIBUTES = _names(
    """
    id x y x1 x2 y1 y2 cx cy r rx ry dx dy fx fy d points width height viewBox transform
    preserveAspectRatio fill fill-opacity fill-rule stroke stroke-width stroke-opacity
    stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit opacity
    clip-path clip-rule clipPathUnits mask gradientUnits gradientTransform offset stop-color
    stop-opacity spreadMethod patternUnits patternTransform markerWidth markerHeight markerUnits
    refX refY orient text-anchor dominant-baseline font-size font-weight font-style font-family
    letter-spacing textLength lengthAdjust rotate role aria-label aria-hidden style version
    vector-effect overflow image-rendering
    """
)
SVG_STYLES = _names(
    """
    fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray
    stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit opacity clip-path clip-rule
    text-anchor font font-size font-weight font-style font-family stop-color stop-opacity
    mix-blend-mode image-rendering dominant-baseline
    """
)
