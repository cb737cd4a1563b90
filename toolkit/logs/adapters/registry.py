"""Which formats can be imported? The project's own, and those that other packages announce.

Another package announces an adapter by an entry point of the group `streamreview.adapters`, whose object is an
`Adapter`; nothing here needs to know it.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from toolkit.errors import RunFailed, UsageError
from toolkit.logs.adapters.base import Adapter
from toolkit.logs.shown import listed, shown

GROUP = "streamreview.adapters"
BUILT_IN = {
    name: f"toolkit.logs.adapters.{module}:ADAPTER"
    for name, module in {
        "avalanche": "avalanche",
        "every-eval-ever": "every_eval_ever",
        "huggingface": "huggingface",
        "inspect": "inspectai",
        "lm-eval": "lmeval",
        "mammoth": "mammoth",
        "matrix": "matrices",
        "mlflow": "mlflow",
        "streamsynth": "streamsynth",
        "table": "tables",
        "trace": "trace",
    }.items()
}


def names() -> tuple[str, ...]:
    """All formats, sorted."""
    return tuple(sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))


def find(name: str) -> Adapter:
    """The adapter of a format; nothing but its module is imported.

    Raises UsageError where there is none or two packages announce one, RunFailed where it cannot be imported.
    """
    announced = {(point.value, _package(point)) for point in entry_points(group=GROUP, name=name)}
    values = {value for value, _ in announced}
    if name in BUILT_IN:
        values.add(BUILT_IN[name])
    if not values:
        raise UsageError(f"import: no format called {shown(name)!r}; there are: {listed(names(), 40)}")
    if len(values) > 1:
        packages = sorted({package for value, package in announced if value != BUILT_IN.get(name)})
        raise UsageError(
            f"import: several packages announce a format called {shown(name)!r} ({listed(packages)}); "
            "uninstall one of them"
        )
    return _load(name, values.pop())


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def _load(name: str, value: str) -> Adapter:
    module, _, attribute = value.partition(":")
    try:
        adapter = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise RunFailed(
            f"import: the adapter of {shown(name)!r} cannot be loaded from {shown(value)}: {shown(error, 200)}; "
            "install that package again"
        ) from None
    if not isinstance(adapter, Adapter):
        raise RunFailed(f"import: {shown(value)} is no toolkit.logs.adapters.base.Adapter; mend that package")
    return adapter
