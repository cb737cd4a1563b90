"""What can go wrong, and with which exit code it ends.

StreamReviewError          anything we can explain in one line           exit 1
├── RunFailed              a run that could not finish                   exit 1
├── UsageError             the command or an argument is wrong           exit 2
├── LogRejected            the stream's log cannot be used as it is      exit 4
├── LogStale               the log is older than it may be               exit 5
└── StreamBusy             another run holds the stream                  exit 6

Every message is one line that says what is wrong, where, and what to do.
"""

from __future__ import annotations


class StreamReviewError(Exception):
    """Anything that can be explained to the user in one line."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in the place of a traceback: the line."""
        return [f"{type(self).__name__}: {self}"]


class RunFailed(StreamReviewError):
    """A run that could not finish; the last good report is untouched."""

    exit_code = 1


class UsageError(StreamReviewError):
    """The command or one of its arguments is wrong."""

    exit_code = 2


class LogRejected(StreamReviewError):
    """The stream's log cannot be used as it is."""

    exit_code = 4


class LogStale(StreamReviewError):
    """The log is older than `expect_every` of stream.toml allows."""

    exit_code = 5


class StreamBusy(StreamReviewError):
    """Another run holds this stream."""

    exit_code = 6
