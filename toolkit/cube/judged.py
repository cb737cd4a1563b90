"""How do judgements become rows of the cube, with what the other tables know of what was judged?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.cube import queries
from toolkit.cube.sample_queries import shown_label
from toolkit.cube.samples import hiding, shown_attribute

if TYPE_CHECKING:
    import pyarrow as pa

    from toolkit.cube.engine import Engine
    from toolkit.logs import CheckedLog


def reduce_judgements(log: CheckedLog, engine: Engine) -> pa.Table:
    """One row a judgement of a checked log that has some."""
    clusters, cluster = queries.NO_CLUSTERS, queries.CLUSTER_OF_ITEM
    if log.earlier is not None:
        clusters, cluster = queries.UNITS_OF_JUDGED, queries.UNIT_OF_ITEM
    elif "evaluations" in log.tables:
        clusters = queries.CLUSTERS_OF_JUDGED
    acceptance = queries.NO_SAMPLES
    if "samples" in log.tables:
        engine.view("acceptance", queries.ACCEPTANCE)
        acceptance = queries.ACCEPTANCE_OF_JUDGED
    engine.view("judged", queries.JUDGED)
    engine.view_beside("feedback", "judged_clusters", clusters)
    engine.view_beside("feedback", "judged_samples", acceptance)
    query = queries.JUDGEMENTS.format(
        label=shown_label("f.label", "f.task"),
        cluster=cluster,
        attributes="".join(f", {shown_attribute(name, 'f')}" for name in log.attributes("feedback")),
    )
    return engine.rows(query, {"show_raters": log.config.review.show_raters, **hiding(log.config)})
