"""What an analyst works with: streams, reports and runs opened, and sets of estimates to look up and take away."""

from toolkit.notebook.check import Check
from toolkit.notebook.demonstration import demo_stream
from toolkit.notebook.display import register
from toolkit.notebook.estimates import Estimates
from toolkit.notebook.opening import open_run
from toolkit.notebook.questions import alignment, feedback, forgetting, generation, score_matrix, transfer
from toolkit.notebook.release import Release, open_release
from toolkit.notebook.run import Run
from toolkit.notebook.stream import Stream, open_stream

__all__ = [
    "Check",
    "Estimates",
    "Release",
    "Run",
    "Stream",
    "alignment",
    "demo_stream",
    "feedback",
    "forgetting",
    "generation",
    "open_release",
    "open_run",
    "open_stream",
    "score_matrix",
    "transfer",
]

register()
