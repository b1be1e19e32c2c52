"""From a day's validation to a check: can the rows be used, and what is odd about them as a whole.

What is odd within a column is in the table only: the check `quality` has the same limits, weighs all columns together
and says whether that is news, so that one fault has one check.
"""

from collections.abc import Sequence

import dagster as dg

from aimon.validate.finding import Finding, Validation
from assets.made import Judgement

WITHIN_COLUMNS = ("nulls", "type", "range", "categories")
COLUMNS = ("finding", "column", "then", "failing", "rows", "keys", "sentence")


def told(validation: Validation) -> list[Finding]:
    """The failed findings that make this check fail."""
    return [finding for finding in validation.failed if finding.name not in WITHIN_COLUMNS]


def judgement(validation: Validation) -> Judgement:
    """Failed when the rows cannot be used, an error, or are odd as a whole, a warning."""
    found = told(validation)
    return Judgement(
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN if validation.usable else dg.AssetCheckSeverity.ERROR,
        description=describe(found, validation),
        metadata={
            "rows": validation.rows,
            "quarantined": sum(validation.quarantined.values()),
            "duplicates": validation.duplicates,
            "expectations": len(validation.findings),
            "failed": table(validation.failed),
        },
    )


def describe(found: Sequence[Finding], validation: Validation) -> str:
    """What was found, in sentences, the worst first."""
    if not found:
        return "The rows can be used."
    sentences = " ".join(sentence(finding) for finding in found)
    return sentences if validation.usable else f"The rows cannot be used. {sentences}"


def sentence(finding: Finding) -> str:
    """The finding's sentence as one that stands alone."""
    return finding.sentence[:1].upper() + finding.sentence[1:]


def table(found: Sequence[Finding]) -> dg.TableMetadataValue:
    """Every failed finding with its failing rows and the ids of a few of them; no value of any column."""
    rows = [
        dg.TableRecord(
            {
                "finding": finding.name,
                "column": finding.column or "",
                "then": finding.severity.value,
                "failing": finding.failing,
                "rows": finding.rows,
                "keys": ", ".join(finding.keys),
                "sentence": finding.sentence,
            }
        )
        for finding in found
    ]
    types = {"failing": "int", "rows": "int"}
    return dg.MetadataValue.table(
        rows, dg.TableSchema([dg.TableColumn(name, types.get(name, "string")) for name in COLUMNS])
    )
