"""Which column of a file stands for which column of the log, and what to say when a needed one is missing."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toolkit.errors import LogRejected
from toolkit.logs.config import StreamConfig
from toolkit.logs.schema import ATTRIBUTE, Table
from toolkit.logs.shown import listed, shown


@dataclass(frozen=True)
class Mapped:
    """The columns of one file that are used: name in the log -> position in the file; and what to tell."""

    columns: dict[str, int]
    attributes: dict[str, int]
    doubled: tuple[str, ...]


def known_names(table: Table, aliases: Mapping[str, str]) -> frozenset[str]:
    """Names under which columns of the table may stand in a file."""
    names = set(table.names)
    return frozenset(names | {alias for alias, name in aliases.items() if name in names})


def map_columns(table: Table, names: Sequence[str], config: StreamConfig, file: str) -> Mapped:
    """Where the table's columns stand among `names`, the columns of `file`.

    A file that has both a column and its alias is read by the column's own name, and says so. Raises
    LogRejected where a needed column is missing or a name stands twice.
    """
    found: dict[str, int] = {}
    spelled: dict[str, str] = {}
    doubled: list[str] = []
    for position, name in enumerate(names):
        meant = config.aliases.get(name, name)
        if meant not in table.names and not meant.startswith(ATTRIBUTE):
            continue
        if meant in found:
            if name == spelled[meant]:
                raise LogRejected(f"{shown(file)}: column {shown(name)!r} stands there twice; rename one of them")
            if meant not in (name, spelled[meant]):
                raise LogRejected(
                    f"{shown(file)}: columns {shown(spelled[meant])!r} and {shown(name)!r} are both aliases "
                    f"of {shown(meant)!r}; keep one of them in [aliases] of stream.toml"
                )
            alias = spelled[meant] if name == meant else name
            doubled.append(
                f"{file} has both {meant!r} and {alias!r}, which [aliases] names {meant!r}: {meant!r} is used"
            )
            if name != meant:
                continue
        found[meant] = position
        spelled[meant] = name
    _needed(table, found, names, file)
    scale = (config.score_range, config.higher_is_better)
    if table.name == "evaluations" and "score" not in found and scale != ((0, 1), True):
        raise LogRejected(
            f"{shown(file)}: without a score column, answer = truth scores 1 and else 0, which does not suit "
            "score_range or higher_is_better of stream.toml; set score_range = [0, 1] or log the scores"
        )
    attributes = {name: position for name, position in found.items() if name.startswith(ATTRIBUTE)}
    return Mapped({k: v for k, v in found.items() if k not in attributes}, attributes, tuple(doubled))


def _needed(table: Table, found: Mapping[str, int], names: Sequence[str], file: str) -> None:
    missing = [column.name for column in table.columns if column.needed and column.name not in found]
    if table.name == "evaluations" and "score" not in found and not {"answer", "truth"} <= found.keys():
        missing.append("score")
    if table.name == "feedback" and not {"score", "label", "abstained"} & found.keys():
        missing.append("score")
    if not missing:
        return
    first = missing[0]
    free = [name for name in names if name not in table.names]
    folded = {name.casefold(): name for name in reversed(free)}
    close = difflib.get_close_matches(first, list(folded), n=1, cutoff=0.6)
    guess = folded[close[0]] if close else None
    instead = " (or answer and truth)" if (table.name, first) == ("evaluations", "score") else ""
    instead = " (or label)" if (table.name, first) == ("feedback", "score") else instead
    example = f'{_toml_key(guess)} = "{first}"' if guess else f'their_name = "{first}"'
    found_text = f"it has {listed(names)}" if names else "it has none"
    raise LogRejected(
        f"{shown(file)}: no column {first!r}{instead}; {found_text}; "
        + (f"if {shown(guess)!r} is meant, add" if guess else "if another column is meant, add")
        + f" to stream.toml: [aliases] {example}"
    )


def _toml_key(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else '"' + shown(name).replace("\\", "\\\\").replace('"', '\\"') + '"'
