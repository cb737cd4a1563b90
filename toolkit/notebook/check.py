"""What does the log hold: rows read, used and rejected, what can be measured, and what to log next?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from toolkit.cube.facts import Facts
from toolkit.results import LedgerEntry, Notice
from toolkit.review.measurable import Row, cheapest_next, measurable


@dataclass(frozen=True, repr=False)
class Check:
    """The account of one log.

    ledger: by table, rows read = used + rejected, with reasons; notices: what a reader must know of the log;
    facts: counts that decide what can be measured.
    """

    ledger: dict[str, LedgerEntry]
    notices: tuple[Notice, ...]
    facts: Facts

    @cached_property
    def measurable(self) -> tuple[Row, ...]:
        """One row a question: whether it can be answered, and what is missing or weak."""
        return measurable(self.facts)

    @cached_property
    def cheapest_next(self) -> tuple[str, ...]:
        """What to log next, the cheapest first."""
        return cheapest_next(self.facts)

    def __repr__(self) -> str:
        rows = [f"{name} {e.read} = {e.used} used + {e.rejected} rejected" for name, e in self.ledger.items()]
        return f"Check({'; '.join(rows)}; {len(self.notices)} notices)"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from toolkit.notebook.cards import check_block

        return check_block(self)._repr_mimebundle_(include, exclude)
