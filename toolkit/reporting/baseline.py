"""Which published release is a run compared with?"""

from __future__ import annotations

from toolkit.errors import UsageError
from toolkit.reporting.history import History, Published


def choose_baseline(history: History, *, release: str | None, wanted: str | None, where: str) -> Published | None:
    """The current revision of the baseline, None for a stream's first release.

    wanted: the release named by --baseline or, failing that, by stream.toml; None: the release published
    before `release` (before this run where `release` is None, a look, or new). where: the reports folder,
    for the message.
    Raises UsageError where the named release is not published, or is the release itself.
    """
    if wanted is None:
        before = history.before(release)
        return None if before is None else history.current(before)
    if wanted == release:
        raise UsageError(f"baseline {wanted!r} is the release itself; name an earlier one, or none")
    found = history.current(wanted)
    if found is None:
        known = ", ".join(history.releases) or "none yet"
        raise UsageError(
            f"baseline {wanted!r} is not published in {where} (published: {known}); "
            "publish it first, name another or name none"
        )
    return found
