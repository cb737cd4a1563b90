"""How is the toolkit called from a shell? Parses the command and turns every outcome into an exit code.

Exit codes: 0 done, 1 the run failed, 2 wrong usage, 3 a verdict named by --fail-on was reached, 4 the log was
rejected, 5 the log is older than it may be, 6 another run holds the stream, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from toolkit.cli.signals import listening
from toolkit.errors import StreamReviewError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; prints one line on stderr where it fails.

    A traceback appears with --debug only.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [word for word in given if word != "--debug"]
    with listening() as heard:
        try:
            from toolkit.cli.app import call

            return call(given)
        except BrokenPipeError:  # the reader of our output has gone, as in `streamreview check ... | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except BaseException as error:
            if debug or isinstance(error, (SystemExit, GeneratorExit)):
                raise
            return _explain(error, heard)


def _explain(error: BaseException, heard: list[int]) -> int:
    """Say what happened and return its exit code.

    A signal that was heard goes before the error it became: compiled modules turn what is raised while they
    are imported into errors of their own.
    """
    if signal.SIGTERM in heard:
        return _fail("terminated; what stands published is untouched", 143)
    if signal.SIGINT in heard or isinstance(error, KeyboardInterrupt):
        return _fail("interrupted; what stands published is untouched", 130)
    if isinstance(error, StreamReviewError):
        return _fail(str(error), error.exit_code)
    if isinstance(error, PermissionError) and error.filename is not None:
        return _fail(f"{error.filename}: {error.strerror}; run as somebody who may, or change its permissions", 1)
    return _fail(f"{type(error).__name__}: {error}; run again with --debug and report this as a bug", 1)


def _fail(message: str, code: int) -> int:
    line = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    print(f"streamreview: {line}", file=sys.stderr)  # noqa: T201
    return code
