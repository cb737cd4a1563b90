"""`streamreview margins`: helps to choose the smallest changes that matter, and writes them into stream.toml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from toolkit.cli.show import say, table
from toolkit.errors import UsageError

_FEW = 3  # digits


def margins(stream: Path, *, choices: Sequence[str], by: str | None, why: str | None) -> None:
    """Print what margins mean and how fine the log measures; with `choices`, write them.

    Never prints what was found: a margin that is chosen after the finding proves nothing. Raises UsageError where a
    choice is not one, or comes without who made it and why.
    """
    from toolkit.logs.config import load_config
    from toolkit.review.choosing import parse_choice

    config = load_config(stream)
    if not choices:
        _tell(stream)
        return
    chosen = dict(parse_choice(text) for text in choices)
    if not by or not why:
        raise UsageError(
            "--set needs --by (who chooses the margin) and --why (what a smaller change would not matter for)"
        )
    path = stream / "stream.toml"
    if not path.is_file():
        raise UsageError(f"{path}: no such file; streamreview init {stream} writes a draft")
    _write(path, chosen, by, why)
    for key, value in chosen.items():
        say(f"{path}: [review.margins.{key}] value = {value:g}, chosen by {by}")
    if config.release:
        say(f"Release {config.release} keeps its verdict as published; the next run says that the margins changed.")


def _write(path: Path, chosen: dict[str, float], by: str, why: str) -> None:
    from toolkit.logs.config import Margin, load_config
    from toolkit.reporting.publish import write_atomically
    from toolkit.review.choosing import with_margins
    from toolkit.review.margins import KEYS, UNITS

    axis_of = {key: axis for axis, key in KEYS.items()}
    today = dt.datetime.now(dt.UTC).date()
    entries = {
        key: Margin(
            value=value, unit=UNITS[axis_of[key.removeprefix("regulated.")]], chosen_by=by, reason=why, date=today
        )
        for key, value in chosen.items()
    }
    write_atomically(path, with_margins(path.read_text(encoding="utf-8"), entries, load_config(path.parent)))
    load_config(path.parent)


def _tell(stream: Path) -> None:
    from toolkit.analyses import Evidence, agreement, feedback, forgetting, generation, transfer
    from toolkit.cube import reduce_stream
    from toolkit.language import AXIS_TITLES
    from toolkit.logs import read_stream
    from toolkit.results import AXES
    from toolkit.review.choosing import SHARES, meaning, noises
    from toolkit.review.margins import KEYS

    with read_stream(stream) as log:
        evidence = Evidence(reduce_stream(log))
    config = evidence.config
    found = [e for analysis in (transfer, forgetting, feedback, agreement, generation)
             for e in analysis(evidence).estimates]  # fmt: skip
    rows = []
    for axis in AXES:
        for share in SHARES:
            value, means = meaning(axis, share, config)
            rows.append((AXIS_TITLES[axis], f"{value:.{_FEW}g}", means))
    table("What a change would mean", ("axis", "change", "in plain words"), rows, right=(1,))
    fine = []
    for noise in noises(found, config):
        numbers = [_number(x) for x in (noise.between_runs, noise.here, noise.change)]
        force = f"{noise.margin:.{_FEW}g}" + (" (provisional)" if noise.provisional else "")
        fine.append((AXIS_TITLES[noise.axis], KEYS[noise.axis], *numbers, force))
    heads = ("axis", "key", "sd between runs", "smallest value shown", "smallest change shown", "margin in force")
    table("How fine this log measures (80 % power)", heads, fine, right=(2, 3, 4, 5))
    for noise in noises(found, config):
        if noise.reason:
            say(f"{AXIS_TITLES[noise.axis]}: {noise.reason}.")
    say("A margin below what the log can show will mostly be answered with unclear. Choose by what matters, then:")
    say(f'streamreview margins {stream} --set forgetting=VALUE --by "NAME" --why "REASON"')


def _number(value: float | None) -> str:
    return "-" if value is None else "none seen" if value == 0 else f"{value:.{_FEW}g}"
