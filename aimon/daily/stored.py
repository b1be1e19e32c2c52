"""Stored records as they were judged. In: a row of the operations database. Out: the record."""

from aimon.metrics.metric import Family
from aimon.store.records import StoredRecord
from aimon.verdict.record import Maturity, Record, Verdict


def as_record(stored: StoredRecord) -> Record:
    """The record as it was judged."""
    values = {name: value for name, value in stored.as_json().items() if name in Record.__dataclass_fields__}
    return Record(
        **values
        | {
            "family": Family(stored.family),
            "verdict": Verdict(stored.verdict),
            "maturity": None if stored.maturity is None else Maturity(stored.maturity),
        }
    )
