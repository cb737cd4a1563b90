"""What was published of this stream before: results, verdicts, and the sequences behind the alarms?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.results import Monitor, Results
from toolkit.review import Past, past_of

if TYPE_CHECKING:
    from toolkit.reporting.history import History, Published


@dataclass(frozen=True)
class Earlier:
    """The publications before one run.

    folder: of the stream's publications, None where none is known; release: the run's own name;
    own: where the run's publication lies or is being made.
    """

    folder: Path | None
    release: str
    own: Path | None = None

    @cached_property
    def results(self) -> list[Results]:
        """The releases before this one, in order of publication."""
        return [Results.model_validate(p.content) for p in self._releases]

    @cached_property
    def verdicts(self) -> tuple[Past, ...]:
        """Their verdicts, oldest first."""
        return tuple(past_of(p.content) for p in self._releases)

    @cached_property
    def sequences(self) -> tuple[Monitor, ...]:
        """The sequences behind the alarms as the publication before this one left them, release or look."""
        before = None if self._history is None else self._history.preceding(self.own)
        return () if before is None else tuple(map(Monitor.model_validate, before.content.get("monitor", ())))

    @cached_property
    def _releases(self) -> list[Published]:
        if self._history is None:
            return []
        names = self._history.releases
        names = names[: names.index(self.release)] if self.release in names else names
        current = [self._history.current(name) for name in names]
        return [p for p in current if p is not None]

    @cached_property
    def _history(self) -> History | None:
        if self.folder is None or not self.folder.is_dir():
            return None
        from toolkit.reporting.history import read_history
        from toolkit.reporting.layout import Layout

        return read_history(Layout(self.folder.parent), self.folder.name)
