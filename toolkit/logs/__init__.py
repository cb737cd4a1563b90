"""How a stream log is written, read and checked.

`StreamLogWriter` is here at once; everything else is imported when it is first used, so that a pipeline that
only writes its log pays for the standard library alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from toolkit.logs.writer import StreamLogWriter

if TYPE_CHECKING:
    from toolkit.logs.config import StreamConfig, load_config
    from toolkit.logs.ledger import Ledger, RejectedRow
    from toolkit.logs.read import CheckedLog, read_stream

_HOME = {
    "CheckedLog": "read",
    "Ledger": "ledger",
    "RejectedRow": "ledger",
    "StreamConfig": "config",
    "load_config": "config",
    "read_stream": "read",
}

__all__ = [
    "CheckedLog",
    "Ledger",
    "RejectedRow",
    "StreamConfig",
    "StreamLogWriter",
    "load_config",
    "read_stream",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
