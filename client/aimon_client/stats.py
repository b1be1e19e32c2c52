"""What became of every record: the client's own account, which adds up."""

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Stats:
    """`logged = sent + rejected + dropped + waiting`; `waiting` is in memory, or on disk by this client."""

    logged: int = 0
    sent: int = 0
    """Taken by the server."""
    rejected: int = 0
    """Answered by the server as unusable."""
    dropped: int = 0
    """Declared lost: the queue or the disk was full, or the record too large."""
    spilled: int = 0
    """Written to disk at some time; most were sent since."""
    recovered: int = 0
    """Sent or rejected on behalf of an earlier process that left them on disk; not in `logged`."""
    faults: int = 0
    """Errors inside the client that were kept from the model."""
    last_error: str | None = None

    @property
    def waiting(self) -> int:
        """Still on the way."""
        return self.logged - self.sent - self.rejected - self.dropped

    def as_dict(self) -> dict[str, int | str | None]:
        """For a log or a page."""
        return {**asdict(self), "waiting": self.waiting}

    def __add__(self, other: "Stats") -> "Stats":
        counts = {name: getattr(self, name) + getattr(other, name) for name in COUNTS}
        return Stats(**counts, last_error=other.last_error or self.last_error)


COUNTS = ("logged", "sent", "rejected", "dropped", "spilled", "recovered", "faults")
