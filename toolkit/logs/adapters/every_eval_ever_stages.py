"""At which stage was a model or a date, in records that know of no stages?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from toolkit.errors import LogRejected
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Options
from toolkit.logs.adapters.checkpoints import Evaluated, place_all
from toolkit.logs.adapters.every_eval_ever_records import Result
from toolkit.logs.adapters.stages import Place
from toolkit.logs.shown import shown

_CHECKPOINT = re.compile(r"(.*?)[-_/@.: ]?[A-Za-z]*[-_]?\d+")


def place_runs(results: Sequence[Result], options: Options, account: Account) -> list[tuple[Result, Place]]:
    """Each result that has a place, with it: as --stages says, else by checkpoint, else by time.

    Raises LogRejected where there are models that are no checkpoints of one, since their order means nothing.
    """
    if options.stages is not None:
        placed = []
        for result in results:
            place = options.stages.place(result.evaluation, result.model, result.model_name, day(result.date))
            if place is None:
                account.left_out("results", f"not named in {shown(options.stages.file)}", result.model)
            else:
                placed.append((result, place))
        return placed
    models = {result.model for result in results}
    if len({match[1] if (match := _CHECKPOINT.fullmatch(model)) else model for model in models}) > 1:
        raise LogRejected(
            f"{shown(results[0].where)} and others: {len(models)} models that are no checkpoints of one; "
            "say with --stages which was at which stage (a CSV with the columns model, stage)"
        )
    runs = [Evaluated({"model": r.model}, (_seconds(r.date), r.where), r.where, frozenset({r.task})) for r in results]
    places = place_all(runs, len({result.task for result in results}), options, account)
    return [(result, place) for result, place in zip(results, places, strict=True) if place is not None]


def day(timestamp: str) -> str:
    """The day of a time written in seconds since 1970 or as ISO 8601, in UTC; the text itself where it is neither."""
    moment = _moment(timestamp)
    return timestamp if moment is None else moment.date().isoformat()


def _seconds(timestamp: str) -> float:
    moment = _moment(timestamp)
    return 0.0 if moment is None else moment.timestamp()


def _moment(timestamp: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(float(timestamp), dt.UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        moment = dt.datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
