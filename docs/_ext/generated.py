"""Which parts of a page are made when the site is built? What stands between `{{` and `}}` on a line of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from commands import command_pages
from results_schema import schema_tables
from sphinx.application import Sphinx
from surface import surface_page


def _other_pages(index: str, pages: Iterable[str]) -> str:
    """Pages that the index does not place: a new guide needs no entry of its own to be found."""
    return "\n".join(sorted(set(pages) - {"index", *index.splitlines()}))


def _fill(app: Sphinx, page: str, source: list[str]) -> None:
    made: dict[str, Callable[[], str]] = {
        "{{ commands }}": command_pages,
        "{{ results schema }}": schema_tables,
        "{{ public names }}": surface_page,
        "{{ other pages }}": lambda: _other_pages(source[0], app.env.found_docs),
    }
    for mark, make in made.items():
        if f"\n{mark}\n" in source[0]:
            source[0] = source[0].replace(f"\n{mark}\n", f"\n{make()}\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Fill the marks of each page as it is read."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
