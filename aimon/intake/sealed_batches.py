"""The days of a sealed source, told by its envelopes. Its rows are nowhere: whoever asks for them gets a refusal."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NoReturn

import pyarrow as pa
from sqlalchemy import Engine

from aimon.errors import SourceError
from aimon.store import sealed


class SealedBatches:
    """The envelopes of one model."""

    def __init__(self, engine: Engine, model: str) -> None:
        self._engine = engine
        self._model = model

    def days(self) -> list[date]:
        """The days that have an envelope."""
        with self._engine.connect() as connection:
            return sorted(sealed.numbers(connection, self._model))

    def stamps(self, wanted: Sequence[date]) -> Mapping[date, str]:
        """How many envelopes each day has."""
        with self._engine.connect() as connection:
            numbers = sealed.numbers(connection, self._model)
        return {day: str(numbers.get(day, "")) for day in wanted}

    def undated(self) -> int:
        """None: every envelope has a day."""
        return 0

    def schema(self) -> pa.Schema:
        """There is none."""
        self._refuse()

    def columns(self) -> list[str]:
        """There are none."""
        self._refuse()

    def batches(self, start: datetime, end: datetime, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:  # noqa: ARG002
        """There are no rows."""
        self._refuse()

    def rows(self, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:  # noqa: ARG002
        """There are no rows."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise SourceError(f"{self._model}: nobody here can read rows of a sealed source, only their owner's counts")
