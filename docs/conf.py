"""How is the documentation built as a site? `make docs` writes it to site/, with every warning an error."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from pygments.lexers.special import TextLexer  # noqa: E402
from sphinx.application import Sphinx  # noqa: E402

import toolkit  # noqa: E402

project = "streamreview"
author = "The streamreview authors"
project_copyright = author
release = version = toolkit.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "docstrings", "generated", "mathml"]
exclude_patterns = ["_ext/**"]
nitpicky = False  # types are named as in the source, many of them of other libraries

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4

autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"

html_theme = "furo"
html_title = f"streamreview {release}"
html_copy_source = False
html_show_sphinx = False
html_math_renderer = "mathml"


def setup(app: Sphinx) -> None:
    """Show blocks of CSV as text, for which Pygments has no lexer."""
    app.add_lexer("csv", TextLexer)
