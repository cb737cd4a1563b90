"""How a session on Spark is opened, and how what goes wrong there is said in one line."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from toolkit.errors import RunFailed, UsageError
from toolkit.logs.shown import shown

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, as in DuckDB
    "spark.sql.caseSensitive": "true",
    # Both write the expressions that a condition rests on into it again and again, each of which rests on others.
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.PushDownPredicates",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.legacy.parquet.nanosAsLong": "true",  # else a file with such times is refused, used or not
}


def need_packages() -> None:
    """Raises UsageError where PySpark or SQLGlot is not installed."""
    missing = [name for name in ("pyspark", "sqlglot") if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"--engine spark needs {' and '.join(missing)}, not installed here: pip install 'streamreview[spark]'"
        )


def open_session() -> SparkSession:
    """A session on the cluster that the environment names, with its own names and settings.

    Raises UsageError where PySpark or SQLGlot is not installed, RunFailed where no session can be had.
    """
    need_packages()
    from pyspark.sql import SparkSession

    _quiet()
    with on_spark("starting a session"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")  # which we do not use there
        session = SparkSession.builder.getOrCreate().newSession()
        for name, value in _SETTINGS.items():
            session.conf.set(name, value)
    return session


def _quiet() -> None:
    """What PySpark and Py4J would print as whole stack traces is said in one line by `on_spark`."""
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).disabled = True
    logging.getLogger().addFilter(_not_of_py4j)


def _not_of_py4j(record: logging.LogRecord) -> bool:
    return record.msg != "Exception while sending command."


@contextlib.contextmanager
def on_spark(what: str) -> Iterator[None]:
    """Within it, an error of Spark is RunFailed in one line that says what was being done."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, OSError, EOFError) as error:
        raise RunFailed(f"Spark, {what}: {shown(_said(error), 300)}; see Spark's own log for more") from None


def _said(error: BaseException) -> str:
    """What an error says in one line: of one in Java the message, not the call that met it."""
    from py4j.protocol import Py4JError

    java = getattr(error, "java_exception", None)
    if java is None and isinstance(error, Py4JError | ConnectionError | EOFError) and "Trace:" not in str(error):
        return "its driver no longer answers"
    text = str(error) if java is None else str(java.toString())
    while java is not None and "thrown in awaitResult" in text and (java := java.getCause()) is not None:
        text = str(java.toString())  # what is around it says only that another thread failed
    return next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
