"""How do numbers leave: as CSV, Parquet, JSON, LaTeX and Markdown?"""

from toolkit.notebook.export.files import FORMATS, as_csv, as_json, hand_over, write_parquet
from toolkit.notebook.export.latex import as_latex
from toolkit.notebook.export.markdown import as_markdown
from toolkit.notebook.export.printed import IntervalAs, Printed, printed

__all__ = [
    "FORMATS",
    "IntervalAs",
    "Printed",
    "as_csv",
    "as_json",
    "as_latex",
    "as_markdown",
    "hand_over",
    "printed",
    "write_parquet",
]
