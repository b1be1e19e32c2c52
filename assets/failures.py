"""Partitions that could not be made: collected while the others go on, told together at the end."""

from dataclasses import dataclass, field

import dagster as dg

from aimon.errors import AimonError, UserError
from resources.names import FAILED, TOLD


@dataclass(slots=True)
class Failures:
    """The reason, one sentence, of each partition that failed; `told` are those that a check has spoken of."""

    reasons: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def add(self, context: dg.AssetExecutionContext, partition: str, error: Exception) -> None:
        """Note and log a failure; a traceback only for a fault that nobody foresaw."""
        self.reasons[partition] = reason_of(error)
        context.log.error("%s: %s", partition, reason_of(error), exc_info=not isinstance(error, UserError))

    def refuse(self, context: dg.AssetExecutionContext, partition: str, reason: str, *, told: bool) -> None:
        """Note and log that nothing may be made of a partition."""
        self.reasons[partition] = reason
        self.told |= {partition} if told else set()
        context.log.error("%s: %s", partition, reason)

    def raise_if_any(self, total: int) -> None:
        """Fail the Dagster step when a partition failed; its metadata tells the sensor each."""
        if not self.reasons:
            return
        listed = "\n".join(f"{key}: {reason}" for key, reason in self.reasons.items())
        raise dg.Failure(
            f"{len(self.reasons)} of {total} partitions failed, the others are done\n{listed}",
            metadata={
                FAILED: dg.MetadataValue.json(self.reasons),
                TOLD: dg.MetadataValue.json(sorted(self.told)),
            },
            allow_retries=False,
        )


def reason_of(error: Exception) -> str:
    """What to tell about a failure: our own sentence, or the type and text of a fault nobody foresaw."""
    return str(error) if isinstance(error, AimonError) else f"{type(error).__name__}: {error}"
