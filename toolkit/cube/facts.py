"""What does a log contain, of what decides what can be measured? Counts only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.cube.engine import DuckEngine
from toolkit.cube.queries import NUMBER_OF_ITEMS

if TYPE_CHECKING:
    from toolkit.cube.engine import Engine
    from toolkit.logs import CheckedLog


@dataclass(frozen=True)
class Facts:
    """Counts over a whole log; 0 or empty where the log has none.

    arms: arm -> seeds. stages: distinct stages of arm `stream`. both: tasks evaluated at arrival and after
    the last stage. before: tasks evaluated before they arrived. matched: human labels of something a
    synthetic rater judged too. twice: items that two people judged. chosen: human labels with their
    probability. similarity: whether similarity.csv or embeddings of samples of two tasks tell it.
    """

    tasks: int = 0
    arms: tuple[tuple[str, int], ...] = ()
    orders: int = 0
    items: int = 0
    rows: int = 0
    rows_with_item: int = 0
    stages: int = 0
    both: int = 0
    before: int = 0
    curves: int = 0
    human: int = 0
    synthetic: int = 0
    matched: int = 0
    twice: int = 0
    chosen: int = 0
    judged_stages: int = 0
    attributes: tuple[str, ...] = ()
    lengths: int = 0
    positions: int = 0
    judge_families: int = 0
    generator_families: int = 0
    critiques: int = 0
    samples: int = 0
    accepted: int = 0
    verified: int = 0
    content: int = 0
    costs: int = 0
    origins: int = 0
    similarity: bool = False

    def seeds(self, arm: str) -> int:
        """Seeds logged for an arm."""
        return dict(self.arms).get(arm, 0)


def gather(log: CheckedLog, engine: Engine | None = None) -> Facts:
    """The facts of a checked log; engine: where its evaluations are, by default with the log."""
    found: dict[str, Any] = {
        "tasks": len(log.config.tasks),
        "similarity": (log.folder / "similarity.csv").is_file(),
    }
    if "evaluations" in log.tables:
        found |= _evaluations(log, engine or DuckEngine(log.connection))
    if "feedback" in log.tables:
        found |= _feedback(log)
    if "samples" in log.tables:
        samples = _one(
            log,
            """select count(*) as samples, count(accepted) as accepted, count(verified_label) as verified,
            count(*) filter (text is not null or embedding is not null) as content, count(cost) as costs,
            count(distinct origin) as origins,
            count(distinct task) filter (embedding is not null) as embedded from samples""",
        )
        found["similarity"] |= samples.pop("embedded") > 1
        found |= samples
    return Facts(**found)


def _evaluations(log: CheckedLog, engine: Engine) -> dict[str, Any]:
    found = _one(
        log,
        """select coalesce(sum(n), 0)::bigint as rows, coalesce(sum(items), 0)::bigint as rows_with_item,
        count(distinct task_order) as orders, count(distinct stage) filter (arm = 'stream') as stages,
        count(distinct (arm, task_order, seed, stage, task)) filter (step is not null) as curves
        from evaluation_cells""",
    )
    found |= engine.rows(NUMBER_OF_ITEMS).to_pylist()[0]
    arms = log.connection.execute(
        "select arm, count(distinct seed) from evaluation_cells group by arm order by arm"
    ).fetchall()
    found["arms"] = tuple((str(arm), int(seeds)) for arm, seeds in arms)
    position = {task.name: place for place, task in enumerate(log.config.tasks, 1)}
    seen = log.connection.execute(
        "select distinct task, stage from evaluation_cells where arm = 'stream' and task_order = 'default'"
    ).fetchall()
    stages: dict[str, set[int]] = {}
    for task, stage in seen:
        stages.setdefault(str(task), set()).add(int(stage))
    last = max((s for several in stages.values() for s in several), default=0)
    found["both"] = sum({position.get(t, -1), last} <= s and position.get(t) != last for t, s in stages.items())
    found["before"] = sum(min(s) < position.get(t, 0) for t, s in stages.items())
    return found


def _feedback(log: CheckedLog) -> dict[str, Any]:
    columns = [str(row[0]) for row in log.connection.execute("describe feedback").fetchall()]
    attributes = tuple(sorted(c for c in columns if c.startswith("attr_")))
    given = "abstained is not true and (score is not null or label is not null)"
    key = "arm, seed, stage, task, item, target"
    found = _one(
        log,
        f"""with given as (select * from feedback where {given}),
        judged as (select distinct {key} from given where source = 'synthetic')
        select count(*) filter (source = 'human') as human,
        count(*) filter (source = 'synthetic') as synthetic,
        count(*) filter (source = 'human' and ({key}) in (select ({key}) from judged)) as matched,
        count(*) filter (source = 'human' and probability is not null) as chosen,
        count(distinct stage) filter (source = 'synthetic') as judged_stages,
        count(length) as lengths, count(position) as positions,
        count(*) filter (form = 'critique') as critiques,
        count(distinct rater_family) as judge_families, count(distinct generator_family) as generator_families
        from given""",
    )
    found |= _one(
        log,
        f"""select count(*) as twice from (select {key} from feedback where source = 'human' and {given}
        group by all having count(distinct rater) > 1)""",
    )
    return found | {"attributes": attributes}


def _one(log: CheckedLog, query: str) -> dict[str, Any]:
    cursor = log.connection.execute(query)
    names = [str(column[0]) for column in cursor.description]
    return dict(zip(names, cursor.fetchall()[0], strict=True))  # a result fetched in part blocks the next query
