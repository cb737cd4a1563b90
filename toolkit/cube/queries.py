"""Which grouped scans reduce a checked log to the cube's small tables.

Written in DuckDB's dialect over the relations that `toolkit.cube.engine` names. Scores are summed
as integers, round(score x 1e9), so that sums are equal on every run, whatever the order of the rows.
"""

from __future__ import annotations

from toolkit.logs.profile import ID

SCALE = 1_000_000_000

KEY = "md5_number_lower({})"
"""SQL for the lower 64 bits of the MD5 of a text, as a number."""

# The score matrix uses the rows without a step, else those of the largest step of their cell.
_CHOSEN = """select arm, task_order, seed, stage, task,
           case when count(*) filter (step is null) > 0 then null else max(step) end as chosen
    from evaluation_cells group by arm, task_order, seed, stage, task"""
MATRIX = f"""
select e.* from evaluations e
semi join (
    {_CHOSEN}
) c
on e.arm = c.arm and e.task_order = c.task_order and e.seed = c.seed and e.stage = c.stage
   and e.task = c.task and e.step is not distinct from c.chosen
"""
MATRIX_ROWS = f"create temp view matrix_rows as {MATRIX}"
MATRIX_CELLS = f"""
select c.* from evaluation_cells c
join (
    {_CHOSEN}
) k
on c.arm = k.arm and c.task_order = k.task_order and c.seed = k.seed and c.stage = k.stage
   and c.task = k.task and c.step is not distinct from k.chosen
order by c.task, c.task_order, c.seed, c.arm, c.stage
"""

# A bucket is the cluster itself (by 63 bits of its MD5) where a task has few of them, else the low bits of it:
# the same in every arm, seed, stage, task and release, so that pairing survives the reduction. `number` is that of
# the task in `task_numbers`.
BUCKETS_BY = """
select i.task, t.number, i.item, i.cluster as key, i.id,
       case when s.clusters <= $max_buckets then cast({key} >> 1 as bigint)
            else cast({key} & ($max_buckets - 1) as bigint) end as bucket
from evaluation_items i
join (select task, count(distinct cluster) as clusters from evaluation_items group by task) s on i.task = s.task
join task_numbers t on i.task = t.task
"""
OWN_KEY = KEY.format("i.cluster")
BUCKETS = BUCKETS_BY.format(key=OWN_KEY)

# Of tasks that `toolkit.cube.followed` does not take.
SUMS_BY = f"""
select r.arm, r.task_order, r.seed, r.stage, r.task, b.{{bucket}},
       cast(count(*) as bigint) as n,
       cast(sum(cast(round(r.score * {SCALE}) as bigint)) as bigint) as total,
       cast(sum(cast(round(r.score * r.score * {SCALE}) as bigint)) as bigint) as total_sq
from matrix_rows r join {{bucket}}s b on r.task = b.task and {{same}}
where r.item is not null and b.number in ({{numbers}})
group by r.arm, r.task_order, r.seed, r.stage, r.task, b.{{bucket}}
"""
SUMS = SUMS_BY.replace("{bucket}", "bucket")
SAME_ID = f"{ID.format(item='r.item')} = b.id"
SAME_UNIT = "r.item = b.item and coalesce(r.cluster, r.item) = b.key"

CELLS = """
select arm, task_order, seed, stage, task, n, score as mean, sd
from matrix_rows where item is null order by all
"""

CURVES_OF = f"""
select arm, task_order, seed, stage, task, step,
       sum(coalesce(n, 1))::bigint as n,
       sum(round(score * {SCALE})::hugeint * coalesce(n, 1))::bigint as total,
       sum(round(score * score * {SCALE})::hugeint * coalesce(n, 1))::bigint as total_sq
from evaluations where {{chosen}}
group by all order by all
"""
CURVES = CURVES_OF.format(chosen="step is not null")

# The answers to each item from its task's arrival on. `positions` holds the binary tasks: (task_order, task, arrival).
# One row an answer: for tasks whose stages do not fit into one number (`toolkit.cube.followed`), or whose items change
# their clusters. Kept as a table: two queries join it with itself, and through the views DuckDB plans that a hundred
# times slower.
SINCE_ARRIVAL = """
select r.arm, r.task_order, r.seed, r.stage, r.task, p.arrival, r.item, b.bucket, r.score = $right as correct
from matrix_rows r
join positions p on r.task_order = p.task_order and r.task = p.task
join buckets b on r.task = b.task and r.item = b.item and coalesce(r.cluster, r.item) = b.key
where r.item is not null and r.stage >= p.arrival
"""

# Arrival against each later stage. The bucket is that of the item at arrival, should its cluster change.
PAIRS = """
select f.arm, f.task_order, f.seed, f.task, l.stage, f.bucket,
       count(*) filter (f.correct and l.correct)::bigint as "both",
       count(*) filter (f.correct and not l.correct)::bigint as lost,
       count(*) filter (not f.correct and l.correct)::bigint as gained,
       count(*) filter (not f.correct and not l.correct)::bigint as neither
from since_arrival l join since_arrival f
on f.arm = l.arm and f.task_order = l.task_order and f.seed = l.seed and f.task = l.task and f.item = l.item
where f.stage = f.arrival and l.stage > l.arrival
group by all order by all
"""

# Whether items that were right last time are wrong now: `fixed` were wrong before that, `never` were not.
# Beside it stands how the isolated student of the same seed answered the same items.
RECURRENCE = """
with histories as (
    select task_order, seed, stage, task, arrival, item, bucket, correct,
           lag(correct) over (partition by task_order, seed, task, item order by stage) as before,
           bool_and(correct) over (partition by task_order, seed, task, item order by stage
                                   rows between unbounded preceding and 1 preceding) as always
    from since_arrival where arm = 'stream'
), alone as (
    select task_order, seed, task, item, correct from since_arrival where arm = 'isolated' and stage = arrival
)
select 'stream' as arm, h.task_order, h.seed, h.stage, h.task,
       case when h.always then 'never' else 'fixed' end as "group", h.bucket,
       count(*)::bigint as at_risk,
       count(*) filter (not h.correct)::bigint as wrong_again,
       count(*) filter (not a.correct)::bigint as isolated_wrong
from histories h join alone a
on h.task_order = a.task_order and h.seed = a.seed and h.task = a.task and h.item = a.item
where h.before and h.stage >= h.arrival + 2
group by all order by all
"""

COUNTS = """
select c.task, coalesce(i.items, 0) as items, coalesce(i.clusters, 0) as clusters
from (select distinct task from evaluation_cells) c
left join (
    select task, count(distinct item) as items, count(distinct cluster) as clusters
    from ({units}) as units group by task
) i on c.task = i.task
order by c.task
"""
UNITS = "select task, item, cluster from evaluation_items"
UNITS_OF_MEANS = "select distinct task, item, cluster from evaluations where item is null and cluster is not null"

# Tasks whose items have one cluster each, and ids that tell them apart.
PLAIN_TASKS = "select task from evaluation_items group by task having count(*) = count(distinct id)"
NUMBER_OF_ITEMS = "select count(*) as items from (select distinct task, item from evaluation_items) as items"

# What judgements take from other tables, of what was judged alone: the cluster of an item, and whether a sample went
# into training. Of joined relations (`toolkit.logs.earlier`) items have one cluster each and no names.
JUDGED = "select distinct target, arm, seed, stage, task, item from feedback"
CLUSTERS_OF_JUDGED = """
select i.task, i.item, min(i.cluster) as cluster from evaluation_items i
join (select distinct task, item from judged where target = 'answer') j on i.task = j.task and i.item = j.item
group by i.task, i.item
"""
CLUSTER_OF_ITEM = KEY.format("coalesce(c.cluster, f.item)")
UNITS_OF_JUDGED = """
select j.task, j.item, i.unit from evaluation_items i
join (select distinct task, item from judged where target = 'answer') j on i.task = j.task and i.item = md5(j.item)
"""
UNIT_OF_ITEM = f"coalesce(c.unit, {KEY.format('f.item')})"
NO_CLUSTERS = "select task, item, null::varchar as cluster from judged where false"
ACCEPTANCE = "select arm, seed, stage, task, sample, accepted from samples"
ACCEPTANCE_OF_JUDGED = """
select j.arm, j.seed, j.stage, j.task, j.item as sample, a.accepted from acceptance a join judged j
on j.target = 'sample' and a.arm = j.arm and a.seed = j.seed and a.stage = j.stage and a.task = j.task
   and a.sample = j.item
"""
NO_SAMPLES = "select arm, seed, stage, task, item as sample, null::boolean as accepted from judged where false"

# One row a judgement. People are numbered, never named, unless the stream says otherwise; items and clusters
# leave the engine as hashes only.
JUDGEMENTS = """
with people as (
    select rater, 'person ' || row_number() over (order by rater) as pseudonym
    from (select distinct rater from feedback where source = 'human') as raters
)
select f.arm, f.seed, f.stage, f.task, f.target, f.source,
       case when f.source = 'human' and not $show_raters then p.pseudonym else f.rater end as rater,
       f.form, f.criterion, f.score, {label} as label, f.probability, f.stratum, f.abstained,
       (md5_number_lower(f.item) >> 1)::bigint as item,
       ({cluster} >> 1)::bigint as cluster,
       f.rater_family, f.generator_family, f.generator_family_other, f.pair, f.position, f.length, f.length_other,
       a.accepted
       {attributes}
from feedback f
left join people p on f.rater = p.rater
left join judged_clusters c on f.target = 'answer' and f.task = c.task and f.item = c.item
left join judged_samples a on f.target = 'sample' and f.arm = a.arm and f.seed = a.seed and f.stage = a.stage
    and f.task = a.task and f.item = a.sample
order by f.task, f.stage, f.arm, f.seed, f.item, f.source, f.rater, f.criterion, f.target, f.form, f.pair, f.position
"""
