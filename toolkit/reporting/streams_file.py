"""Which streams does a streams.toml name, with which options? What `streamreview run --config` reads."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError

from toolkit.errors import UsageError
from toolkit.logs.remote import is_remote
from toolkit.logs.shown import shown
from toolkit.reporting.notebooks import one_line

_ENVIRONMENT = "env:"
_PLACE = "{stream}"
_PATHS = ("template", "junit")


class StreamUrl(str):
    """Where a stream lies that is in no folder of this machine."""

    @property
    def name(self) -> str:
        """What it is called among others: the last folder of the address, else the bucket or host."""
        parts = urlsplit(self)
        return PurePosixPath(parts.path).name or parts.netloc


Place = Path | StreamUrl


def _place(value: object) -> Place:
    if not isinstance(value, str) or not value:
        raise ValueError("a folder or a URL is needed, in quotes")
    if not is_remote(value):
        return Path(value)
    if urlsplit(value).password is not None:
        raise ValueError(
            "a password in a file is no secret; let the environment hold it, as the store's client reads it"
        )
    return StreamUrl(value.rstrip("/"))


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _by_name(value: str) -> str:
    if not re.fullmatch(_ENVIRONMENT + "[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError("an address in a file is no secret; name an environment variable, as in env:NAME")
    return value


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Options(_Section):
    """Options of `streamreview run` that may be set for all streams or for one.

    notify: names of environment variables, never addresses. junit: `{stream}` in it stands for the stream's name, which
    is that of its folder.
    """

    release: str | None = None
    baseline: str | None = None
    fail_on: str | None = None
    template: Path | None = None
    timeout: float | None = Field(None, gt=0)
    memory: str | None = None
    force: bool = False
    junit: Path | None = None
    notify: Annotated[tuple[Annotated[str, AfterValidator(_by_name)], ...], BeforeValidator(_several)] = ()
    notify_on: Literal["change", "failure", "always"] | None = None


class StreamEntry(Options):
    """One stream: its folder or URL, and options of its own."""

    stream: Annotated[Place, PlainValidator(_place)]


class Streams(_Section):
    """A whole streams.toml; paths are relative to its folder. jobs: notebooks at once over all streams."""

    out: Path = Path("reports")
    jobs: int = Field(0, ge=0)
    at_once: int = Field(2, ge=1)
    defaults: Options = Options()
    streams: tuple[StreamEntry, ...] = Field(min_length=1)


def load_streams(path: Path) -> Streams:
    """Read a streams.toml; UsageError with file, key and remedy where it cannot be used."""
    try:
        found = Streams.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); give a streams.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not readable as TOML: {one_line(error)}; correct that line") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(f"{path}: {where}: {one_line(first['msg'])}; see docs/many-streams.md") from None
    base = path.absolute().parent
    entries = tuple(
        entry if isinstance(entry.stream, StreamUrl) else entry.model_copy(update={"stream": base / entry.stream})
        for entry in found.streams
    )
    found = found.model_copy(update={"out": base / found.out, "streams": entries})
    _refuse_twice(found, base, path)
    return found


def arguments(entry: StreamEntry, streams: Streams, base: Path, jobs: int) -> list[str]:
    """The command line of one stream's run: its own options before the defaults.

    base: the folder that paths are relative to.
    """
    words = ["run", "--out", str(streams.out), "--jobs", str(jobs)]
    for name, value in _options(entry, streams, base).items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            words += [option] if value else []
        else:
            several = value if isinstance(value, tuple) else () if value is None else (value,)
            words += [f"{option}={one}" for one in several]
    return [*words, "--", str(entry.stream)]


def others_secrets(entry: StreamEntry, streams: Streams) -> frozenset[str]:
    """The variables that hold addresses of other streams' notifications: none of this stream's notebooks' business."""
    own, every = (
        {address.removeprefix(_ENVIRONMENT) for given in sections for address in given.notify}
        for sections in ((_merged(entry, streams),), (streams.defaults, *streams.streams))
    )
    return frozenset(every - own)


def _merged(entry: StreamEntry, streams: Streams) -> Options:
    given = streams.defaults.model_dump(exclude_unset=True)
    return Options.model_validate(given | entry.model_dump(exclude_unset=True, exclude={"stream"}))


def _options(entry: StreamEntry, streams: Streams, base: Path) -> Mapping[str, Any]:
    given = _merged(entry, streams).model_dump(exclude_unset=True)
    for name in _PATHS:
        if given.get(name) is not None:
            given[name] = base / str(given[name]).replace(_PLACE, _resolved(entry).name)
    return given


def _resolved(entry: StreamEntry) -> Place:
    return entry.stream if isinstance(entry.stream, StreamUrl) else entry.stream.resolve()


def _refuse_twice(streams: Streams, base: Path, path: Path) -> None:
    """Each stream once, and each with a JUnit file of its own."""
    places: set[Place] = set()
    files: set[Path] = set()
    for entry in streams.streams:
        if _resolved(entry) in places:
            raise UsageError(
                f"{path}: {shown(entry.stream, 300)} is listed twice; a stream is run once at a time, remove one entry"
            )
        places.add(_resolved(entry))
        junit = _options(entry, streams, base).get("junit")
        if junit is None:
            continue
        if junit in files:
            raise UsageError(
                f"{path}: junit: {shown(entry.stream.name)} would write over another stream's {junit.name}; "
                f"put {_PLACE} into the name, or name a file for each"
            )
        files.add(junit)
