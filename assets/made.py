"""What a step hands back to the chain: the materialisation's metadata and what its checks found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

Metadata = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One check on one partition."""

    passed: bool
    severity: dg.AssetCheckSeverity
    description: str
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """One asset of one partition, done. `data_version` is equal when the content is.

    `judgements` are by the name of the check. `unusable` says why nothing may be made of it. `absent` says why there
    was nothing to make it of: then nothing was made, and nothing is wrong. `waits` says what the steps after it wait
    for: they are not made in this run.
    """

    metadata: Metadata
    data_version: str | None = None
    judgements: Mapping[str, Judgement] = field(default_factory=dict)
    unusable: str | None = None
    absent: str | None = None
    waits: str | None = None
