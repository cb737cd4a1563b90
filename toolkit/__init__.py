"""streamreview: is a streaming synthetic-data pipeline learning across tasks, and what is it losing?

The surface for analysts: `open_run` opens a release in a notebook, `views` picks estimates out of it, `figures` draws
them; `open_release` reads a published report, `open_stream` the rows behind it; `StreamLogWriter` writes a stream log.
Names are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit import figures
    from toolkit.logs.writer import StreamLogWriter
    from toolkit.notebook import open_release, open_run, open_stream, to_frame, views

__version__ = "0.1.0"
__all__ = ["StreamLogWriter", "figures", "open_release", "open_run", "open_stream", "to_frame", "views"]
_MODULES = {"figures": "toolkit.figures", "views": "toolkit.notebook.views"}
_HOME = {
    "StreamLogWriter": "toolkit.logs.writer",
    "open_release": "toolkit.notebook",
    "open_run": "toolkit.notebook",
    "open_stream": "toolkit.notebook",
    "to_frame": "toolkit.notebook",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
