"""What notebooks work with: a release opened, and its estimates cut to the shape that a figure takes."""

from toolkit.notebook.opening import demo_stream, open_run
from toolkit.notebook.release import Release, open_release
from toolkit.notebook.run import Run, to_frame
from toolkit.notebook.stream import Stream, open_stream

__all__ = ["Release", "Run", "Stream", "demo_stream", "open_release", "open_run", "open_stream", "to_frame"]
