"""What sealing costs, tried on this machine with a key that is thrown away. In: a layout. Out: bytes, seconds."""

import statistics
import time
from dataclasses import dataclass
from datetime import date

from aimon.profile.profile import Profile
from aimon.sealed.encoder import Encoder
from aimon.sealed.evaluator import add
from aimon.sealed.layout import Layout
from aimon.sealed.seal.secret import SecretKey

TRIES = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one envelope, whatever number of rows it counts: its size, and CPU seconds to seal it and to add one more."""

    bytes: int
    seal_s: float
    add_s: float

    def told(self, flushes: int) -> str:
        """The cost as a sentence, for so many envelopes a day of one host."""
        day = flushes * self.bytes
        return (
            f"an envelope has {self.bytes / 1e3:,.0f} kB, whatever number of rows it counts, and takes "
            f"{self.seal_s * 1e3:,.1f} ms to seal and {self.add_s * 1e3:,.1f} ms to add here; {flushes} a day of one "
            f"host are {day / 1e6:,.1f} MB a day and {30 * day / 1e6:,.0f} MB in 30 days"
        )


def cost(layout: Layout) -> Cost:
    """Seal and add a few empty envelopes: empty ones cost as much as full ones."""
    _, public = SecretKey.generate(layout.parameters)
    encoder = Encoder(layout, public, model="cost", version="1", sender="cost", number=0)
    empty, envelopes, taken = Profile(layout.grid.id, {}), [], []
    for _ in range(TRIES):
        start = time.process_time()
        envelopes.append(encoder.seal(empty, date.min))
        taken.append(time.process_time() - start)
    size = len(envelopes[0].to_bytes())
    start = time.process_time()
    add(envelopes)
    return Cost(size, statistics.median(taken), (time.process_time() - start) / TRIES)
