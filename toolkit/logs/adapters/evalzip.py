"""How is a member of an Inspect `.eval` file (a zip archive, its members compressed with Zstandard) read, safely?

Nothing is ever unpacked to disk; members are asked for by name, and none may grow beyond a bound when it is
decompressed, whatever the archive says of its size. Python's own zipfile does not know method 93, so those bytes
are handed to Arrow.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

MOST_BYTES = 1 << 28
_ZSTANDARD = 93
_LOCAL = struct.Struct("<4s5H3I2H")


class DamagedArchive(Exception):
    """The archive, or one member, cannot be read; the message says why, as a clause."""


class EvalZip:
    """An open archive. Raises DamagedArchive where the file is no whole zip archive."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise DamagedArchive("no whole zip archive (cut short, or still being written)") from error
        self._file = path.open("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._file.close()

    def has(self, name: str) -> bool:
        """Whether there is a member of this name."""
        return name in self._zip.NameToInfo

    def matching(self, pattern: str) -> Iterator[str]:
        """Names of members that match as a whole, in their order; of members written twice the name once."""
        yield from dict.fromkeys(name for name in self._zip.namelist() if re.fullmatch(pattern, name))

    def read(self, name: str) -> str:
        """A member as text. Raises DamagedArchive where it is missing, broken or larger than it may be."""
        try:
            info = self._zip.getinfo(name)
            data = self._zstandard(info) if info.compress_type == _ZSTANDARD else self._plain(info)
        except KeyError:
            raise DamagedArchive(f"without {name}") from None
        except (
            zipfile.BadZipFile,
            OSError,
            EOFError,
            RuntimeError,
            NotImplementedError,
            struct.error,
            zlib.error,
        ) as e:
            raise DamagedArchive(f"with a broken member ({type(e).__name__})") from e
        if len(data) > MOST_BYTES:
            raise DamagedArchive(f"with a member of more than {MOST_BYTES >> 20} MB when unpacked")
        if zlib.crc32(data) != info.CRC:
            raise DamagedArchive("with a member whose checksum is wrong")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            raise DamagedArchive("with a member that is not UTF-8 text") from None

    def _plain(self, info: zipfile.ZipInfo) -> bytes:
        with self._zip.open(info) as stream:
            return stream.read(MOST_BYTES + 1)

    def _zstandard(self, info: zipfile.ZipInfo) -> bytes:
        import pyarrow as pa

        self._file.seek(info.header_offset)
        header = _LOCAL.unpack(self._file.read(_LOCAL.size))
        if header[0] != b"PK\x03\x04" or info.compress_size > MOST_BYTES:
            raise zipfile.BadZipFile("no member where the directory says")
        self._file.seek(header[-2] + header[-1], io.SEEK_CUR)  # its name and extra field
        packed = self._file.read(info.compress_size)
        if len(packed) < info.compress_size:
            raise EOFError
        with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
            parts, size = [], 0
            while size <= MOST_BYTES and (part := stream.read(1 << 20)):
                parts.append(part)
                size += len(part)
        return b"".join(parts)
