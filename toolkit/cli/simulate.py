"""`streamreview simulate`: writes a stream with known truth and says how to look at it."""

from __future__ import annotations

import shlex
from pathlib import Path

from toolkit.cli.show import say


def simulate(folder: Path, scenario: str, seed: int) -> None:
    """Write the stream of a scenario into a new folder, and print where its true values lie and what reads it."""
    from toolkit.simulation.streams import SCENARIOS, write_stream

    truth = write_stream(folder, scenario, seed=seed)
    say(f"Written: {folder}, {SCENARIOS[scenario].about}")
    say(f"True values: {truth}")
    for command in ("check", "run"):
        say(f"  streamreview {command} {shlex.quote(str(folder))}")
