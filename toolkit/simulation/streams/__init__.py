"""Which stream folders with known truth can be written? One scenario a name, `write_stream` for all of them."""

from __future__ import annotations

from toolkit.simulation.streams.folder import write_stream
from toolkit.simulation.streams.scenarios import SCENARIOS, StreamScenario

__all__ = ["SCENARIOS", "StreamScenario", "write_stream"]
