"""What do the numbers of a publication rest on: which assumptions, and whose judgements?"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from toolkit.results.said import Said, must_say

Standing = Literal["doubtful", "unchecked", "holds"]
Judging = Literal["human", "synthetic", "rule"]


class Assumption(BaseModel):
    """One thing that the numbers of a page rest on.

    id: page and place on it, "forgetting/2". standing: in doubt on this log, could not be checked, or checked and
    holds. parts: the sentence in pieces, whose numbers name one of `figures` ("figures.correlation").
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    standing: Standing
    sentence: str
    parts: Said = ()
    figures: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _parts_make_up_the_sentence(self) -> Assumption:
        must_say(self.parts, self.sentence)
        return self


class JudgedBy(BaseModel):
    """Who judged: people, synthetic judges or rules.

    raters, judgements: how many of them, and how many judgements they gave. names: of judges and rules; of people
    only where stream.toml shows them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Judging
    raters: int
    judgements: int
    names: tuple[str, ...] = ()
