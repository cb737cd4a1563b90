"""streamreview: is a streaming synthetic-data pipeline learning across tasks, and what is it losing?

For a question of one's own:

    stream = open_stream("my-stream")      # a log; stream.check(), stream.cube, stream.items("billing", lost=True)
    release = open_release("reports/...")  # a published report
    found = forgetting(stream)             # also transfer, feedback, alignment, generation: `Estimates`
    score_matrix(stream)                   # R[arm, seed, stage, task]

For a notebook that is a page of a report: `open_run`, `views`, which picks estimates, and `figures`, which draws them.
For a pipeline: `StreamLogWriter` writes the log. Names are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit import figures
    from toolkit.logs.writer import StreamLogWriter
    from toolkit.notebook import (
        Estimates,
        alignment,
        feedback,
        forgetting,
        generation,
        open_release,
        open_run,
        open_stream,
        score_matrix,
        transfer,
        views,
    )

__version__ = "0.1.0"
__all__ = [
    "Estimates",
    "StreamLogWriter",
    "alignment",
    "feedback",
    "figures",
    "forgetting",
    "generation",
    "open_release",
    "open_run",
    "open_stream",
    "score_matrix",
    "transfer",
    "views",
]
_MODULES = {"figures": "toolkit.figures", "views": "toolkit.notebook.views"}
_ELSEWHERE = {"StreamLogWriter": "toolkit.logs.writer"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE.get(name, "toolkit.notebook")), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
