"""Which arguments do several commands share?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toolkit.errors import UsageError


def is_url(place: str) -> bool:
    """Whether a stream is named by a URL."""
    if "://" not in place:
        return False
    from toolkit.logs.remote import is_remote

    return is_remote(place)


def folder_of(place: str) -> Path:
    """The folder of a stream's log; where it is named by a URL, that of a copy brought up to date."""
    if not is_url(place):
        return _whole(Path(place))
    from toolkit.logs.remote import mirror
    from toolkit.reporting.cubes import cache_folder

    return mirror(place, cache_folder())


def own_folder_of(place: str) -> Path:
    """The folder of a stream that is to be written into."""
    if is_url(place):
        raise UsageError(f"{place}: this command writes into the stream's folder; give one that is not remote")
    return _whole(Path(place))


def _whole(folder: Path) -> Path:
    """The folder, after what a killed import left undone there was completed and told."""
    from toolkit.cli.show import warn
    from toolkit.logs.exchange import finish

    told = finish(folder)
    if told:
        warn(told)
    return folder


Stream = Annotated[
    Path, typer.Argument(metavar="STREAM", parser=folder_of, help="folder of the stream's log, or its URL")
]
OwnStream = Annotated[Path, typer.Argument(metavar="STREAM", parser=own_folder_of, help="folder of the stream's log")]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="where reports are published")]
Template = Annotated[
    Path | None, typer.Option(metavar="DIR", help="templates that replace the project's, file by file")
]
