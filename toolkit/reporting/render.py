"""How does an executed notebook become a page?

An nbconvert exporter over our own template: code is left away, blocks are drawn from their data by the
macros that serve JupyterLab too, and whatever else an analyst shows passes the sanitiser. One exporter a
template folder is made and kept; nothing here imports a plotting library.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, pass_environment
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter

from toolkit.figures.blocks import MIME
from toolkit.figures.environment import environment
from toolkit.reporting.branding import logo_uri
from toolkit.reporting.executed import read_executed
from toolkit.reporting.index_page import Publication, render_index
from toolkit.reporting.outputs import show_cell
from toolkit.reporting.page import Page
from toolkit.reporting.sanitise import order_headings
from toolkit.reporting.sections import with_something

__all__ = ["Publication", "ReportExporter", "render_index", "render_notebook", "superseded_notice"]


def render_notebook(notebook: Path, page: Page, *, template: Path | None = None) -> str:
    """The page of an executed notebook: one self-contained HTML document without script or request.

    notebook: an executed .ipynb; page: its frame; template: a folder whose files override those of
    templates/report one by one (static/brand.css and static/logo.svg are meant for it).
    Raises RunFailed where the notebook cannot be read, UsageError for a template folder that is not there.
    """
    node = read_executed(notebook)
    question = _sheet_sentence(node) or page.heading
    resources = {
        "page": page,
        "question": question,
        "document_title": f"{question} – {page.title}, {page.release}",
        "logo": logo_uri(template),
    }
    html, _ = _exporter(template).from_notebook_node(node, resources)
    return str(html)


def superseded_notice(href: str, revision: int, *, template: Path | None = None) -> str:
    """What stands at <!--notice--> of a page that a later revision replaces; `href` leads to it."""
    return environment(template).get_template("notice.html.j2").render(href=href, revision=revision)


class ReportExporter(TemplateExporter):
    """nbconvert's exporter on this project's templates: autoescape on, cells shown by `outputs`."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        super().__init__(template_paths=[], template_name="report")  # type: ignore[no-untyped-call]
        self.optimistic_validation = True  # once, after the last preprocessor

    def get_template_names(self) -> list[str]:
        """Our own folders alone: a template of the same name that is installed elsewhere must not come in."""
        return ["report"]

    def _create_environment(self) -> Environment:
        made = environment(self.folder)
        made.filters["shown"] = _shown
        made.filters["in_order"] = order_headings
        made.filters["with_something"] = with_something
        return made


@lru_cache(maxsize=8)
def _exporter(template: Path | None) -> ReportExporter:
    return ReportExporter(template)


@pass_environment
def _shown(made: Environment, cell: Any, number: int, question: str, heading: str) -> Markup:
    return show_cell(made, cell, number, {"question": question, "titles": (question, heading)})


def _sheet_sentence(node: Any) -> str | None:
    """The release's sentence where the notebook shows a review sheet: it is the title of such a page."""
    for cell in node.cells:
        for output in cell.get("outputs", ()):
            shown = output.get("data", {}).get(MIME)
            if shown is not None and shown.data.get("kind") == "sheet":
                return str(shown.data["data"]["sentence"])
    return None
