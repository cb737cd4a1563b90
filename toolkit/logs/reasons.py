"""Why a row is not used, and which reasons count towards `max_rejected`.

Reasons are general sentences, so that rows can be counted by them; where a row lies is the ledger's part.
"""

from __future__ import annotations

from dataclasses import dataclass, field

UNREADABLE = "unreadable line"
TRUNCATED = "truncated last line (the file is still being written)"
REPEATED = "repeated row, equal to one that is used"
CELL_MEANS = "rows without item are cell means; add an item column"
CONFLICT = "conflicting duplicates of one {what}"
NOT_COUNTED = frozenset({TRUNCATED, REPEATED})


@dataclass
class Reasons:
    """The reasons of one table, each with the code that its rows carry while they are checked (from 1)."""

    texts: list[str] = field(default_factory=list)

    def code(self, text: str) -> int:
        """The code of a reason, a new one where it has none yet."""
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1

    def text(self, code: int) -> str:
        """The reason behind a code."""
        return self.texts[code - 1]

    @property
    def counted_codes(self) -> tuple[int, ...]:
        """Codes of the reasons that count towards `max_rejected`."""
        return tuple(i for i, text in enumerate(self.texts, start=1) if text not in NOT_COUNTED)
