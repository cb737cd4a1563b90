"""How are several bits of many masks counted by one sum? Each bit is moved to a lane of its own, wide enough to count.

Spreading k bits takes one multiplication, whose copies of the mask stand side by side, and one AND that leaves bit i of
copy i (Anderson, Bit Twiddling Hacks). A sum over lanes is a sum in each lane, as long as none overflows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.logs.profile import BITS

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lanes:
    """wide: bits of a lane; several: how many bits of a mask are counted by one number."""

    wide: int
    several: int

    @classmethod
    def of(cls, most: int) -> Lanes:
        """Lanes for sums of up to `most` masks."""
        wide = max(8, most.bit_length())
        return cls(wide, min(BITS // wide, wide - 1))  # copies of `several` bits are wide - 1 apart

    def sums(self, mask: str, bits: Sequence[int]) -> Iterator[str]:
        """SQL of each number that counts some of the neighbouring `bits` of a mask, in their order."""
        full = (1 << self.several) - 1
        copies = sum(1 << ((self.wide - 1) * i) for i in range(self.several))
        kept = sum(1 << (self.wide * i) for i in range(self.several))
        for start in bits[:: self.several]:
            yield f"cast(sum(((({mask} >> {start}) & {full}) * {copies}) & {kept}) as bigint)"

    def counts(self, sums: Sequence[Ints], bits: Sequence[int]) -> Iterator[Ints]:
        """How often each of the bits was set, from the sums of all rows."""
        for place in range(len(bits)):
            number, lane = divmod(place, self.several)
            yield (sums[number] >> (self.wide * lane)) & ((1 << self.wide) - 1)
