"""What do StreamSynth's training metrics say of the rewards, where a missing reward is written as 0?

A row of zeros alone is a step that logged no rewards, a column of zeros alone a reward that was never logged, and a
total of zero beside parts that are not is missing too. Any other zero may be a reward; those are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Record, feedback
from toolkit.logs.adapters.numbers import read_number
from toolkit.logs.adapters.streamsynth_files import Found
from toolkit.logs.adapters.textids import ids_of

_PROMPT = "prompt"


def rows(found: Found, stage: int, account: Account) -> Iterator[Record]:
    """One judgement a reward and row: of the answer to a prompt where the file holds prompts, else of a batch."""
    table: Sequence[Mapping[str | None, str]] = found.content
    names = [str(name) for name in table[0] if name and "reward" in name.lower()]
    values = [{name: read_number(row.get(name)) for name in names} for row in table]
    empty = {name for name in names if all(row[name] == 0 for row in values)}
    total = next((name for name in names if "total" in name.lower()), None)
    prompts = [str(row.get(_PROMPT) or "") for row in table] if _PROMPT in table[0] else []
    items = (
        ids_of(prompts)
        if prompts
        else [f"step {row.get('Step') or row.get('step') or i}" for i, row in enumerate(table)]
    )
    logged = [any(row.values()) or bool(read_number(table[i].get("Loss"))) for i, row in enumerate(values)]
    last = {item: i for i, item in enumerate(items) if logged[i]}
    zeros = 0
    for i, (item, row) in enumerate(zip(items, values, strict=True)):
        at = f"{found.where}, line {i + 2}"
        if not logged[i]:
            account.left_out("steps", "no rewards were logged (zeros alone, or no numbers)", at)
            continue
        if last[item] != i:
            account.left_out("steps", "logged again later in the file (a restart); the last is used", at)
            continue
        for name, value in row.items():
            missing = name in empty or (name == total and any(v for n, v in row.items() if n != name))
            if value == 0 and missing:
                account.left_out("rewards", "0 where other marks say that they are missing", at)
            elif value is None:
                account.left_out("rewards", "no number (cut line?)", at)
            else:
                zeros += value == 0
                yield feedback(
                    stage=stage,
                    task=found.task,
                    item=item,
                    target="answer" if prompts else "sample",
                    source="rule",
                    rater=name,
                    criterion=name,
                    score=value,
                    seed=found.place.seed,
                    arm=found.place.arm,
                )
    if zeros:
        account.warn(f"{found.where}: {zeros:,} rewards are 0, which the code also writes where one is missing")
