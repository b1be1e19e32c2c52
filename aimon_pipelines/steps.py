"""The steps of a model day, in the order of work."""

from assets import drift, fairness, insight, operations, performance, predictions, profile, report, sealed

STEPS = (
    predictions.STEP,
    *sealed.STEPS,
    profile.STEP,
    insight.STEP,
    drift.STEP,
    fairness.STEP,
    performance.STEP,
    operations.STEP,
    report.STEP,
)
