"""`streamreview demo`: runs the bundled pipeline and says how to look at what it logged."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from toolkit.cli.show import progress, say


def demo(folder: Path, jobs: int) -> None:
    """Write the stream logs of the demo's releases and print the commands that report on them."""
    from toolkit.demo import run_demo

    with progress() as live:

        def tell(done: int, total: int, text: str) -> None:
            live.step(f"{done} of {total}: {text}")

        streams = run_demo(folder, jobs=jobs or os.cpu_count() or 1, progress=tell)
    say("Written. Report on the releases in order with:")
    for stream in streams:
        say(f"  streamreview run {shlex.quote(str(stream))}")
