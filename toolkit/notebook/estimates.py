"""How does an analyst hold a set of estimates: look it up, narrow it, see it, and take it elsewhere?

found = forgetting(open_stream("my-stream"))
found.backward_transfer.filter(task=..., group=None)  # of each task
found.one("backward_transfer", task=None)  # over all tasks
found["score"].to_xarray(); found.to_pandas(); found.to_latex("table.tex")
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from toolkit.analyses import Analysis
from toolkit.results import Axis, Estimate

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import xarray as xr

    from toolkit.notebook.export import IntervalAs

_ANY: Any = type("_Any", (), {"__repr__": lambda _: "any"})()


@dataclass(frozen=True, repr=False)
class Estimates(Sequence[Estimate]):
    """A sequence of estimates of one stream.

    By position it gives an `Estimate`, by the name of a quantity (also as an attribute) or a slice `Estimates`.
    score_range: smallest and largest possible score, for the scale on which scores are printed.
    """

    members: tuple[Estimate, ...] = ()
    score_range: tuple[float, float] = (0.0, 1.0)

    @overload
    def __getitem__(self, which: int) -> Estimate: ...
    @overload
    def __getitem__(self, which: slice | str) -> Estimates: ...
    def __getitem__(self, which: int | slice | str) -> Estimate | Estimates:
        """By position, slice or quantity. KeyError with the nearest names for a quantity that is not there."""
        if isinstance(which, str):
            if which not in self.quantities:
                raise KeyError(f"no quantity {which!r}{_near(which, self.quantities)}")
            return self.filter(quantity=which)
        if isinstance(which, slice):
            return self._of(self.members[which])
        return self.members[which]

    def __len__(self) -> int:
        return len(self.members)

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.members)

    def __getattr__(self, name: str) -> Estimates:
        # Only asked for what is no attribute; without "members" there is nothing to look in (copying, unpickling).
        if name.startswith("_") or name == "members" or name not in self.quantities:
            raise AttributeError(f"{type(self).__name__} has no attribute and no quantity {name!r}")
        return self.filter(quantity=name)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self.quantities]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.quantities)

    def __repr__(self) -> str:
        counts = [f"{name} {len(self.filter(quantity=name))}" for name in self.quantities[:6]]
        more = [f"and {len(self.quantities) - 6} more quantities"] if len(self.quantities) > 6 else []
        return f"Estimates({', '.join([f'{len(self)}', *counts, *more])})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from toolkit.notebook.cards import estimates_block

        return estimates_block(self)._repr_mimebundle_(include, exclude)

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names of the quantities, in order of appearance."""
        return tuple(dict.fromkeys(e.quantity for e in self.members))

    def filter(
        self,
        *,
        quantity: str | Iterable[str] = _ANY,
        axis: Axis | Iterable[Axis] = _ANY,
        arm: Any = _ANY,
        against: Any = _ANY,
        task: Any = _ANY,
        stage: Any = _ANY,
        group: Any = _ANY,
        verdict: Any = _ANY,
        measured: bool = _ANY,
    ) -> Estimates:
        """Those whose fields are as asked for.

        A field may be a value, one of several in a list, tuple or set, None (of the whole: all tasks, all stages,
        no part), or `...` (of a single one, whichever): filter(task=..., stage=None).
        """
        wanted = {"quantity": quantity, "axis": axis, "arm": arm, "against": against, "task": task, "stage": stage,
                  "group": group, "verdict": verdict, "measured": measured}  # fmt: skip
        asked = {name: value for name, value in wanted.items() if value is not _ANY}
        return self._of(e for e in self.members if all(_is(getattr(e, n), v) for n, v in asked.items()))

    def one(self, quantity: str, **fields: object) -> Estimate:
        """The only such estimate, of the whole where no group is asked for; LookupError where it is not one."""
        return Analysis(self.members).one(quantity, **fields)

    def finding(self, estimate_id: str) -> Estimate:
        """The estimate of this id, such as `backward_transfer/stream/billing`; KeyError with the nearest ids."""
        by_id = {e.id: e for e in self.members}
        if estimate_id not in by_id:
            raise KeyError(f"no estimate {estimate_id!r}{_near(estimate_id, by_id)}")
        return by_id[estimate_id]

    def to_pandas(self) -> pd.DataFrame:
        """One row each, indexed by id; columns as in estimates.parquet, and one a count (`n_items`, `n_seeds`)."""
        from toolkit.notebook.frames import to_pandas

        return to_pandas(self.members)

    def to_polars(self) -> Any:
        """The same as a polars frame, with `id` as a column. UsageError where polars is not installed."""
        from toolkit.notebook.frames import to_polars

        return to_polars(self.members)

    def to_arrow(self) -> pa.Table:
        """The same as an Arrow table."""
        from toolkit.notebook.frames import to_arrow

        return to_arrow(self.members)

    def to_xarray(self) -> xr.Dataset:
        """Value, low and high along whatever differs: arm, against, stage, task, group.

        nan where a number is missing. UsageError where quantities are mixed, or wholes with their parts.
        """
        from toolkit.notebook.frames import to_xarray

        return to_xarray(self.members)

    def to_csv(
        self, path: str | Path | None = None, *, rounded: bool = False, interval: IntervalAs = "cell"
    ) -> str | None:
        """Comma-separated values: as text, or into the file `path`.

        All columns with full numbers, as in estimates.csv; or `rounded`, the table as it is read, with its interval
        in one cell or in columns. Text that a spreadsheet would take for a formula gets an apostrophe.
        """
        from toolkit.notebook.export import as_csv, hand_over

        return hand_over(as_csv(self, rounded=rounded, interval=interval), path)

    def to_json(self, path: str | Path | None = None) -> str | None:
        """A list of estimates as in results.json: as text, or into the file `path`."""
        from toolkit.notebook.export import as_json, hand_over

        return hand_over(as_json(self), path)

    def to_parquet(self, path: str | Path) -> None:
        """All columns with full numbers, as in estimates.parquet, into the file `path`."""
        from toolkit.notebook.export import write_parquet

        write_parquet(self, path)

    def to_latex(self, path: str | Path | None = None, *, interval: IntervalAs = "cell") -> str | None:
        """A `tabular` for LaTeX with booktabs, rounded as pages do: as text, or into the file `path`."""
        from toolkit.notebook.export import as_latex, hand_over

        return hand_over(as_latex(self, interval=interval), path)

    def to_markdown(self, path: str | Path | None = None, *, interval: IntervalAs = "cell") -> str | None:
        """A Markdown table, rounded as pages do: as text, or into the file `path`."""
        from toolkit.notebook.export import as_markdown, hand_over

        return hand_over(as_markdown(self, interval=interval), path)

    def _of(self, members: Iterable[Estimate]) -> Estimates:
        return Estimates(tuple(members), self.score_range)


def _is(value: object, wanted: object) -> bool:
    if wanted is ...:
        return value is not None
    if isinstance(wanted, (list, tuple, set, frozenset)):
        return value in wanted
    return value == wanted


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"; near it: {', '.join(near)}" if near else ""
