"""Which scans reduce the table of samples: counts by cell, label counts, and the samples that are kept one by one.

Written in DuckDB's dialect over the checked tables, as `toolkit.cube.queries` is. A sample is known outside the
engine by 63 bits of the MD5 of its id alone, as an item is in the judgements, so that the two can be joined.
"""

from __future__ import annotations

HASH = "(md5_number_lower({}) >> 1)::bigint"


def shown_label(column: str, task: str) -> str:
    """SQL for a label or attribute as it may leave the engine; parameters `hidden` (tasks) and `longest`.

    A text that is not to be shown must not leave by another column: what is too long for the name of a class is
    replaced by its hash, which still says which are equal.
    """
    return (
        f"case when list_contains($hidden, {task}) and length({column}) > $longest "
        f"then 'hidden ' || left(md5({column}), 12) else {column} end"
    )


_LABELS = ",\n       ".join(
    f"{shown_label(f's.{name}', 's.task')} as {name}" for name in ("target_label", "parsed_label", "verified_label")
)

PART = 10**18
"""By how much the parts below 1 of amounts are multiplied before they are summed as whole numbers."""
_AMOUNTS = ",\n       ".join(
    f"count({name})::bigint as {name}_known, sum(floor({name})::hugeint) as {name}_whole, "
    f"sum(round(({name} - floor({name})) * {PART}::double)::hugeint) as {name}_part"
    for name in ("cost", "seconds", "tokens")
)

# Amounts are summed as whole numbers, so that sums are equal on every run, whatever the order of the rows.
SAMPLES = f"""
select arm, seed, stage, task, origin, accepted,
       count(*)::bigint as n,
       count(parse_ok)::bigint as parse_known,
       count(*) filter (not parse_ok)::bigint as parse_failed,
       count(*) filter (accepted and not parse_ok)::bigint as failed_accepted,
       count(*) filter (verified_label is not null and target_label is not null)::bigint as label_checked,
       count(*) filter (verified_label <> target_label)::bigint as label_wrong,
       count(*) filter (parsed_label is not null and target_label is not null)::bigint as parsed_checked,
       count(*) filter (parsed_label <> target_label)::bigint as parsed_wrong,
       {_AMOUNTS}
from samples
group by all order by all
"""

# Exact, for tasks with so few labels that the table stays small; of the others a notice tells.
MANY_LABELS = """
select task from samples group by task
having greatest(count(distinct target_label), count(distinct parsed_label), count(distinct verified_label)) > $most
order by task
"""
LABEL_COUNTS = f"""
select s.arm, s.seed, s.stage, s.task, s.origin, s.accepted,
       {_LABELS},
       count(*)::bigint as n
from samples s
where coalesce(s.target_label, s.parsed_label, s.verified_label) is not null and not list_contains($left_out, s.task)
group by all order by all
"""

# A cell, as in `toolkit.analyses.samples`: without `accepted` a sample counts as accepted, without `origin` as
# generated.
_CELLS = """
select arm, seed, stage, task, coalesce(origin = 'human', false) as human, coalesce(accepted, true) as used
"""
CELL_SIZES = f"select count(*) as n from ({_CELLS} from samples) as keys group by arm, seed, stage, task, human, used"

# Keys alone are ordered: the texts and embeddings of rows that are not kept are never copied.
KEPT_KEYS = f"""
with keys as ({_CELLS}, sample, {HASH.format("sample")} as hash from samples), placed as (
    select *, row_number() over (partition by arm, seed, stage, task, human, used order by hash, sample) as place,
           count(*) over (partition by arm, seed, stage, task, human, used) as cell_size
    from keys
)
select arm, seed, stage, task, sample, hash, place, cell_size from placed where place <= $cap
"""

# How many samples have an embedding of each length, the commonest first; and how many of those are not finite.
EMBEDDINGS = """
select array_length(embedding) as length, count(*)::bigint as n,
       count(*) filter (not isfinite(list_sum(embedding)))::bigint as strange
from samples where embedding is not null group by all order by n desc, length desc
"""

# In the order of the hash, so that the first rows of any choice of them are a random sample of it.
ROWS = f"""
select s.arm, s.seed, s.stage, s.task, k.hash as sample, s.origin, s.accepted,
       {_LABELS},
       s.parse_ok,
       case when not list_contains($hidden, s.task) then left(s.text, $characters) end as text,
       length(s.text)::bigint as characters,
       left(s.text, $looked_at) as words,
       case when array_length(s.embedding) = $dimension and isfinite(list_sum(s.embedding)) and k.place <= $embedded
            then s.embedding end as embedding,
       k.cell_size::bigint as cell_size
       {{attributes}}
from samples s join kept_keys k
on s.arm = k.arm and s.seed = k.seed and s.stage = k.stage and s.task = k.task and s.sample = k.sample
order by k.hash, s.arm, s.seed, s.stage, s.task, s.sample
"""
