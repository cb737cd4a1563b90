"""What is kept of a log whose evaluations may grow by files, as tables in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from toolkit.cube.reduced import Reduced
from toolkit.logs.earlier import Account, Earlier

_EARLIER = ("cells", "items", "means")
_REDUCED = ("runs", "masks", "sums", "curves")


@dataclass(frozen=True)
class State:
    """What was read of a log's evaluations, what it was reduced to, and how many buckets a task may have there.

    It grows with cells, items and runs, not with rows, and holds no text: tasks, arms and orders by their names, items
    and clusters by hashes.
    """

    earlier: Earlier
    reduced: Reduced
    max_buckets: int


class _Numbers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    account: Account
    first: int
    width: int
    max_buckets: int


def save_state(state: State, folder: Path) -> None:
    """Write a state into a new folder."""
    folder.mkdir(parents=True)
    for part, names in ((state.earlier, _EARLIER), (state.reduced, _REDUCED)):
        for name in names:
            pq.write_table(getattr(part, name), folder / f"{name}.parquet", compression="zstd")
    numbers = _Numbers(
        account=state.earlier.account,
        first=state.reduced.first,
        width=state.reduced.width,
        max_buckets=state.max_buckets,
    )
    (folder / "state.json").write_text(numbers.model_dump_json(indent=1), encoding="utf-8")


def load_state(folder: Path) -> State:
    """Read a state. Raises OSError or ValueError where it is not whole."""
    numbers = _Numbers.model_validate_json((folder / "state.json").read_bytes())
    try:
        tables = {name: pq.read_table(folder / f"{name}.parquet") for name in (*_EARLIER, *_REDUCED)}
    except pa.ArrowException as error:
        raise ValueError(str(error)) from None
    earlier = Earlier(numbers.account, **{name: tables[name] for name in _EARLIER})
    reduced = Reduced(numbers.first, numbers.width, **{name: tables[name] for name in _REDUCED})
    return State(earlier, reduced, numbers.max_buckets)
