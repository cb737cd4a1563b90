"""Which grouped scans reduce a checked log to the cube's small tables.

Written in DuckDB's dialect over the tables that `toolkit.logs.read_stream` leaves behind. Scores are summed
as integers, round(score x 1e9), so that sums are equal on every run, whatever the order of the rows.
"""

from __future__ import annotations

SCALE = 1_000_000_000

# The score matrix uses the rows without a step, else those of the largest step of their cell.
MATRIX_ROWS = """
create temp view matrix_rows as
select e.* from evaluations e
semi join (
    select arm, task_order, seed, stage, task,
           case when count(*) filter (step is null) > 0 then null else max(step) end as chosen
    from evaluations group by all
) c
on e.arm = c.arm and e.task_order = c.task_order and e.seed = c.seed and e.stage = c.stage
   and e.task = c.task and e.step is not distinct from c.chosen
"""

# A bucket is the cluster itself (by 63 bits of its MD5) where a task has few of them, else the low bits of it:
# the same in every arm, seed, stage, task and release, so that pairing survives the reduction.
BUCKETS = """
create temp table buckets as
with keys as (
    select distinct task, coalesce(cluster, item) as key from evaluations where item is not null
), sizes as (select task, count(*) as clusters from keys group by task)
select k.task, k.key,
       case when s.clusters <= $max_buckets then (md5_number_lower(k.key) >> 1)::bigint
            else (md5_number_lower(k.key) & ($max_buckets - 1))::bigint end as bucket
from keys k join sizes s using (task)
"""

SUMS = f"""
select r.arm, r.task_order, r.seed, r.stage, r.task, b.bucket,
       count(*)::bigint as n,
       sum(round(r.score * {SCALE})::bigint)::bigint as total,
       sum(round(r.score * r.score * {SCALE})::bigint)::bigint as total_sq
from matrix_rows r join buckets b on r.task = b.task and coalesce(r.cluster, r.item) = b.key
where r.item is not null
group by all order by all
"""

CELLS = """
select arm, task_order, seed, stage, task, n, score as mean, sd
from matrix_rows where item is null order by all
"""

# Cells that have both: their items are used, and the means beside them are not.
MIXED = """
select count(*) from (
    select arm, task_order, seed, stage, task from matrix_rows group by all
    having count(item) > 0 and count(*) > count(item)
)
"""

CURVES = f"""
select arm, task_order, seed, stage, task, step,
       sum(coalesce(n, 1))::bigint as n,
       sum(round(score * {SCALE})::hugeint * coalesce(n, 1))::bigint as total,
       sum(round(score * score * {SCALE})::hugeint * coalesce(n, 1))::bigint as total_sq
from evaluations where step is not null
group by all order by all
"""

# Tasks that say of every item only whether it was right: what follows items over stages needs no more.
BINARY_TASKS = """
select task from evaluations where item is not null group by task having bool_and(score = 0 or score = 1)
"""

# The answers to each item from its task's arrival on. `positions` holds the binary tasks: (task_order, task, arrival).
# Kept as a table: two queries join it with itself, and through the views DuckDB plans that a hundred times slower.
SINCE_ARRIVAL = """
create temp table since_arrival as
select r.arm, r.task_order, r.seed, r.stage, r.task, p.arrival, r.item, b.bucket, r.score = $right as correct
from matrix_rows r
join positions p on r.task_order = p.task_order and r.task = p.task
join buckets b on r.task = b.task and coalesce(r.cluster, r.item) = b.key
where r.item is not null and r.stage >= p.arrival
"""

# Arrival against each later stage. The bucket is that of the item at arrival, should its cluster change.
PAIRS = """
select f.arm, f.task_order, f.seed, f.task, l.stage, f.bucket,
       count(*) filter (f.correct and l.correct)::bigint as "both",
       count(*) filter (f.correct and not l.correct)::bigint as lost,
       count(*) filter (not f.correct and l.correct)::bigint as gained,
       count(*) filter (not f.correct and not l.correct)::bigint as neither
from since_arrival f join since_arrival l
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
select task, count(distinct item) as items, count(distinct coalesce(cluster, item)) as clusters
from evaluations group by task order by task
"""

# One row a judgement. People are numbered, never named, unless the stream says otherwise; items and clusters
# leave the engine as hashes only. A judgement of a sample says whether that went into training.
JUDGEMENTS = """
with people as (
    select rater, 'person ' || row_number() over (order by rater) as pseudonym
    from (select distinct rater from feedback where source = 'human')
), clusters as ({clusters})
select f.arm, f.seed, f.stage, f.task, f.target, f.source,
       case when f.source = 'human' and not $show_raters then p.pseudonym else f.rater end as rater,
       f.form, f.criterion, f.score, {label} as label, f.probability, f.stratum, f.abstained,
       (md5_number_lower(f.item) >> 1)::bigint as item,
       (md5_number_lower(coalesce(c.cluster, f.item)) >> 1)::bigint as cluster,
       f.rater_family, f.generator_family, f.generator_family_other, f.pair, f.position, f.length, f.length_other,
       a.accepted
       {attributes}
from feedback f
left join people p on f.rater = p.rater
left join clusters c on f.target = 'answer' and f.task = c.task and f.item = c.item
left join ({accepted}) a on f.target = 'sample' and f.arm = a.arm and f.seed = a.seed and f.stage = a.stage
    and f.task = a.task and f.item = a.sample
order by f.task, f.stage, f.arm, f.seed, f.item, f.source, f.rater, f.criterion
"""
CLUSTERS_OF_ITEMS = """
    select task, item, any_value(coalesce(cluster, item)) as cluster
    from evaluations where item is not null group by task, item
"""
ACCEPTED_OF_SAMPLES = "select arm, seed, stage, task, sample, accepted from samples"
NO_SAMPLES = """
    select null::varchar as arm, null::integer as seed, null::integer as stage, null::varchar as task,
           null::varchar as sample, null::boolean as accepted where false
"""
NO_CLUSTERS = "select null::varchar as task, null::varchar as item, null::varchar as cluster where false"
