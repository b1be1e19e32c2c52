"""Judgement. In: metrics, limits, sample sizes. Out: records with interval, p-value, severity and reason."""
