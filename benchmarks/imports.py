"""What a person or pipeline waits for before anything happens: the writer's import, and the command's help."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.timing import as_table, in_turns


def table(turns: int = 5) -> str:
    """Time fresh interpreters; the first does nothing, so ratios are against Python's own start."""

    def fresh(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    ways = {
        "an empty interpreter": lambda: fresh("-c", "pass"),
        "from toolkit.logs import StreamLogWriter": lambda: fresh("-c", "from toolkit.logs import StreamLogWriter"),
        "streamreview --help": lambda: fresh("-m", "toolkit", "--help"),
        "import pandas": lambda: fresh("-c", "import pandas"),
    }
    return as_table("Before anything happens", in_turns(ways, turns=turns))
