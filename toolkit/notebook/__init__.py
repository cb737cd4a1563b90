"""What notebooks work with: a release opened, and its estimates cut to the shape that a figure takes."""

from toolkit.notebook.opening import demo_stream, open_run
from toolkit.notebook.run import Run, to_frame

__all__ = ["Run", "demo_stream", "open_run", "to_frame"]
