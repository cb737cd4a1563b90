"""An Airflow DAG that reviews a stream each Monday. Copy it into the folder of your DAGs and change the paths.

A run that fails, a verdict named by --fail-on and a stale log fail the task, each by its exit code; another run that
holds the stream (6) skips it. There is no retry: the same log gives the same verdict. For Airflow 3.
"""

from __future__ import annotations

import datetime as dt

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

COMMAND = (
    "/opt/streamreview/bin/streamreview run /srv/streams/support-tickets --out /srv/reports"
    " --fail-on act,alarm --notify env:STREAMREVIEW_NOTIFY"
)

with DAG(
    dag_id="stream_review",
    schedule="0 6 * * 1",
    start_date=dt.datetime(2026, 1, 5, tzinfo=dt.UTC),
    catchup=False,
    max_active_runs=1,
) as dag:
    BashOperator(
        task_id="review",
        bash_command=COMMAND,
        skip_on_exit_code=6,
        retries=0,
        execution_timeout=dt.timedelta(hours=2),
    )
