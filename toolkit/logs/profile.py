"""What does each cell of a log hold, and which items are there? Two small tables, from one scan and a part of one.

A cell is (arm, task_order, seed, stage, task, step). Its *fingerprint* is how many rows it has and two sums over the
hashes of their items, one without carry and one with: cells with equal fingerprints hold the same items equally often,
up to a chance of about 2^-128. So one cell of every fingerprint, a *covering* cell, says what all of them hold: which
items, and whether one of them stands there twice.

The queries are DuckDB's dialect over a relation `rows` with the columns of docs/log-format.md; what they leave behind
is what `toolkit.cube.queries` reduce from, beside the rows themselves.

evaluation_cells: one row a cell: n, items (rows with an item), folded and added (the fingerprint), folded_units and
added_units (that of items with their clusters), binary (whether every item's score is 0 or 1)
evaluation_items: (task, item, cluster) -> id, the hash that stands for the item where rows are grouped
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

CELL = ("arm", "task_order", "seed", "stage", "task", "step")
BITS = 62
"""Cells of a task that one 64-bit number can tell apart, without its sign."""

ID = "hash({item})"
"""SQL for a 64-bit hash of an item's name."""

_PRINTS = "folded, added, folded_units, added_units"

PROFILE = """
select problem, arm, {order} as task_order, seed, stage, task, {step} as step,
       cast(count(*) as bigint) as n,
       cast(count(item) as bigint) as items,
       bit_xor({id}) filter (where item is not null) as folded,
       sum(cast({id} >> 2 as bigint)) filter (where item is not null) as added,
       {units},
       coalesce(bool_and(score = 0 or score = 1) filter (where item is not null), true) as "binary"
from {rows}
group by {keys}
"""
UNITS = (
    "bit_xor(hash(item, cluster)) filter (where item is not null) as folded_units, "
    "sum(cast(hash(item, cluster) >> 2 as bigint)) filter (where item is not null) as added_units"
)
NO_UNITS = "null as folded_units, null as added_units"
_KEYS = {"order": ("task_order", "'default'"), "step": ("step", "cast(null as double)")}

# One cell of each fingerprint of a task, numbered within the task so that a bit of a word stands for it.
COVERING = f"""
select arm, task_order, seed, stage, task, step, items,
       cast((number - 1) // {BITS} as integer) as word,
       cast(1 as bigint) << cast((number - 1) % {BITS} as integer) as bit
from (
    select *, row_number() over (partition by task order by arm, task_order, seed, stage, step) as number
    from (
        select *, row_number() over (
            partition by task, items, {_PRINTS} order by arm, task_order, seed, stage, step
        ) as place
        from evaluation_cells where items > 0
    ) as ranked
    where place = 1
) as numbered
"""

# In which covering cells each item stands, and how often altogether.
ITEM_WORDS = """
select r.task, r.item, {cluster} as cluster, c.word, cast(count(*) as bigint) as n, bit_or(c.bit) as seen
from {rows} r join covering_cells c
on r.arm = c.arm and r.task_order = c.task_order and r.seed = c.seed and r.stage = c.stage and r.task = c.task
   and r.step is not distinct from c.step
where r.item is not null and r.seed in ({seeds}) and r.stage in ({stages})
group by r.task, r.item, {cluster_key} c.word
"""
PLACES = "select distinct seed, stage from covering_cells"

# Items that stand in some cell more than once.
SURPLUS = """
select distinct task, item from (
    select task, item from item_words
    group by task, item, word having sum(n) > bit_count(bit_or(seen))
) as words
"""

ITEMS = """
select task, item, cluster, {id} as id from item_words group by task, item, cluster
"""


def profile_of(rows: str, columns: Collection[str]) -> str:
    """The query of what each cell of a relation holds.

    columns: those of the log that its files have: without `cluster` an item is its own, and a key that is nowhere
    need not be grouped by.
    """
    spelled = {key: name if key in columns else absent for key, (name, absent) in _KEYS.items()}
    keys = [name for key, (name, _) in _KEYS.items() if key in columns]
    return PROFILE.format(
        id=ID.format(item="item"),
        units=UNITS if "cluster" in columns else NO_UNITS,
        rows=rows,
        keys=", ".join(["problem", "arm", "seed", "stage", "task", *keys]),
        **spelled,
    )


def item_words_of(rows: str, columns: Collection[str], places: Sequence[tuple[int, int]]) -> str:
    """The query of the items in covering cells.

    places: the answer to `PLACES`: an engine that looks at these columns first need not read the items of other rows.
    """
    unit = "coalesce(r.cluster, r.item)"
    cluster, key = (unit, f"{unit},") if "cluster" in columns else ("r.item", "")
    seeds, stages = (
        ", ".join(str(number) for number in sorted({place[i] for place in places})) or "null" for i in (0, 1)
    )
    return ITEM_WORDS.format(rows=rows, cluster=cluster, cluster_key=key, seeds=seeds, stages=stages)


def items_of() -> str:
    """The query of all items with their clusters."""
    return ITEMS.format(id=ID.format(item="item"))
