"""How do templates become HTML: one Jinja environment, escaping everything, the user's folder first?"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from markupsafe import Markup, escape

from toolkit.errors import UsageError
from toolkit.language.numbers import Source
from toolkit.resources import templates_folder

_FINDING = re.compile(r'(<(?:tr|article|section)\b[^<>]*?) data-finding="([^"]*)"')
_COMMAND = "<code>streamreview lab REPORT#"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


@lru_cache(maxsize=8)
def environment(template: Path | None = None) -> Environment:
    """The environment over templates/report; files in `template` come first, one by one.

    Raises UsageError where `template` is no folder.
    """
    if template is not None and not template.is_dir():
        raise UsageError(f"{template}: no such template folder; give a folder that holds the files to override")
    own = [templates_folder() / name for name in ("report", "index", "notebook")]
    folders = own if template is None else [template, *own]
    made = Environment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"],
    )
    # Figures are drawn by this package from escaped text; a page passes them through its sanitiser besides.
    made.filters["svg"] = Markup
    made.filters["safe_href"] = safe_href
    made.filters["linkable"] = linkable
    made.globals["SOURCES"] = frozenset(get_args(Source))
    made.globals["static"] = lambda name: static_text(name, template)
    return made


def safe_href(href: str) -> str:
    """`href` where it leads to a page or a mailbox; "#" for any other scheme, such as javascript:."""
    target = "".join(character for character in href if character > " " and character != "\x7f")
    scheme = _SCHEME.match(target)
    if target.startswith(("//", "\\")) or (scheme and scheme[1].lower() not in ("http", "https", "mailto")):
        return "#"
    return target


def linkable(html: str, place: str) -> Markup:
    """A page's HTML in which each finding can be linked to, at the first place where it stands.

    html: escaped already; place: of the publication below the reports folder, for the command that opens a finding.
    Rows and blocks say by `data-finding` which estimate they are about; the first of each gets its id.
    """
    seen: set[str] = set()

    def anchored(found: re.Match[str]) -> str:
        first = found[2] not in seen
        seen.add(found[2])
        return f'{found[1]} id="{found[2]}"' if first else found[1]

    named = _COMMAND.replace("REPORT", str(escape(place)))
    return Markup(_FINDING.sub(anchored, html).replace(_COMMAND, named))  # noqa: S704


def static_text(name: str, template: Path | None = None) -> Markup:
    """The text of static/`name`, the user's own where there is one; either is trusted, so not escaped."""
    for folder in ((template,) if template else ()) + (templates_folder() / "report",):
        path = folder / "static" / name
        if path.is_file():
            return Markup(path.read_text(encoding="utf-8"))  # noqa: S704
    raise UsageError(f"static/{name} is in no template folder; restore it or install streamreview again")


def render_block(kind: str, data: Any, made: Environment | None = None, **context: Any) -> Markup:
    """One block as HTML, by the macro `render` of blocks/<kind>.html.j2.

    context: what the page knows of itself (`question`, so that a head does not repeat the page's title).
    Raises UsageError for a kind without a template.
    """
    made = made or environment()
    try:
        macros: Any = made.get_template(f"blocks/{kind}.html.j2").module
    except TemplateNotFound:
        raise UsageError(f"block of unknown kind {kind!r}: there is no blocks/{kind}.html.j2") from None
    return Markup(macros.render(data, context))  # noqa: S704  # autoescaped by the environment
