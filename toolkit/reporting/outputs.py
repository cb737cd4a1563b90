"""How does each output of a notebook cell look on a page?

A block is drawn from its data; HTML, Markdown and SVG of an analyst pass the sanitiser; the rest is text.
What a page cannot hold is named, never dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from toolkit.errors import RunFailed
from toolkit.figures.blocks import MIME
from toolkit.figures.environment import render_block
from toolkit.reporting.sanitise import clean_html, clean_svg

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
UNDESCRIBED = "Figure without a description; the executed notebook holds what it was drawn from"


def show_cell(made: Environment, cell: Mapping[str, Any], number: int, context: Mapping[str, Any]) -> Markup:
    """One cell as HTML: prose, or its outputs; code never.

    number: the cell's place, which keeps ids of its drawings apart from those of other cells.
    """
    kind = cell["cell_type"]
    if kind == "markdown":
        source = _without_title(cell["source"], context.get("titles", ()))
        return _wrapped(made, "markdown", _markdown(source, cell.get("attachments"))) if source else Markup("")
    if kind == "raw":
        return _wrapped(made, "text", cell["source"]) if cell["source"].strip() else Markup("")
    shown = [
        show_output(made, output, f"c{number}o{place}-", context)
        for place, output in enumerate(cell.get("outputs", ()))
    ]
    return Markup("\n").join(shown)


def show_output(made: Environment, output: Mapping[str, Any], prefix: str, context: Mapping[str, Any]) -> Markup:
    """One output as HTML."""
    kind = output["output_type"]
    if kind == "stream":
        text = _plain(output["text"])
        if not text.strip():
            return Markup("")
        return _wrapped(made, "messages" if output.get("name") == "stderr" else "text", text)
    if kind == "error":
        return _wrapped(made, "failed", _plain(output.get("ename", "")), _plain(output.get("evalue", "")))
    return _show_data(made, output.get("data", {}), output.get("metadata", {}), prefix, context)


def _show_data(
    made: Environment,
    data: Mapping[str, Any],
    metadata: Mapping[str, Any],
    prefix: str,
    context: Mapping[str, Any],
) -> Markup:
    if MIME in data:
        return _block(made, data[MIME].data, prefix, context)
    if "text/html" in data:
        return _wrapped(made, "html", clean_html(_text(data["text/html"])))
    if "image/svg+xml" in data:
        drawing = clean_svg(_text(data["image/svg+xml"]), prefix)
        return _wrapped(made, "other", "image/svg+xml") if drawing is None else _wrapped(made, "html", drawing)
    for mime in _IMAGES:
        if mime in data and _BASE64.fullmatch(_text(data[mime])):
            alt = str(metadata.get(mime, {}).get("alt") or metadata.get("alt") or UNDESCRIBED)
            return _wrapped(made, "image", mime, "".join(_text(data[mime]).split()), alt)
    if "text/markdown" in data:
        return _wrapped(made, "markdown", _markdown(_text(data["text/markdown"])))
    if "text/plain" in data or "text/latex" in data:
        return _wrapped(made, "text", _plain(_text(data.get("text/plain", data.get("text/latex", "")))))
    return _wrapped(made, "other", ", ".join(sorted(data))) if data else Markup("")


def _block(made: Environment, block: Mapping[str, Any], prefix: str, context: Mapping[str, Any]) -> Markup:
    kind, data = block["kind"], dict(block["data"])
    if not re.fullmatch(r"[a-z_]+", str(kind)):
        raise RunFailed(f"a cell shows a block of kind {kind!r}, which is no name; use toolkit.figures to make blocks")
    for form in ("svg", "narrow") if kind == "figure" else ():
        if data.get(form):
            drawing = clean_svg(_text(data[form]), f"{prefix}{form[0]}")
            if drawing is None:
                raise RunFailed(f"the figure {str(data.get('caption', ''))[:60]!r} is no readable SVG; draw it again")
            data[form] = str(drawing)
    return render_block(kind, data, made, **context)


def _without_title(source: str, titles: Collection[str]) -> str:
    """Markdown without a first heading that says what the page's head says already."""
    first, _, rest = source.strip().partition("\n")
    return rest.strip() if first.startswith("#") and first.lstrip("#").strip() in titles else source


def _wrapped(made: Environment, macro: str, *arguments: Any) -> Markup:
    macros: Any = made.get_template("output.html.j2").module
    return Markup(getattr(macros, macro)(*arguments))  # noqa: S704  # autoescaped by the environment


def _markdown(source: str, attachments: Mapping[str, Any] | None = None) -> Markup:
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True, attachments=dict(attachments or {}))
    return clean_html(MarkdownWithMath(renderer=renderer).render(source))


def _text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value)


def _plain(value: Any) -> str:
    text = _ANSI.sub("", _text(value))
    return "".join(c for c in text if c in "\n\t" or c >= " ")
