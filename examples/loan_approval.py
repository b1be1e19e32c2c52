"""Loan applications with a calibrated score. Planted: a rule after the model that declines one group's applicants."""

from datetime import date

import numpy as np
import pyarrow as pa

from examples.traffic import Rng, Stamps, Traffic, arrived, ids, pick, sigmoid

NAME = "loan-approval"
TRAFFIC = Traffic(weekday=7_500, weights=(1.05, 1.0, 1.0, 0.98, 0.92, 0.62, 0.55))
HORIZON_DAYS = 7
GROUP = "Black"
DECLINED_BY_RULE = 0.32
CUT_OFF = 0.66

SEX = {"female": 0.47, "male": 0.50, "": 0.03}
RACE = {"White": 0.55, "Hispanic": 0.18, "Black": 0.14, "Asian": 0.10, "": 0.03}
CHANNEL = {"web": 0.46, "mobile": 0.34, "branch": 0.20}
EMPLOYMENT = {"salaried": 0.62, "self-employed": 0.14, "hourly": 0.16, "retired": 0.05, "between jobs": 0.03}
PURPOSE = {
    "car": 0.31,
    "home repair": 0.24,
    "debt consolidation": 0.22,
    "medical": 0.09,
    "education": 0.08,
    "quinceañera": 0.06,
}
BRANCH = {
    "Boston": 0.16, "Chicago": 0.17, "Houston": 0.18, "San José": 0.15, "Doña Ana": 0.08, "Cañon City": 0.06,
    "Kailua": 0.07, "Lāhainā": 0.03, "Coeur d'Alene": 0.04, "Peñasco": 0.06,
}  # fmt: skip
EMPLOYMENT_EFFECT = {"salaried": 0.25, "self-employed": 0.0, "hourly": -0.15, "retired": 0.2, "between jobs": -0.9}


def rows(rng: Rng, moments: Stamps, last_day: date, fault_day: int | None) -> pa.Table:
    """The applications at the given moments; `fault_day` counts the days since the rule came in, None before."""
    n = moments.size
    employment = pick(rng, EMPLOYMENT, n)
    thrift = rng.normal(size=n)
    income = np.exp(10.75 + 0.22 * thrift + 0.42 * rng.normal(size=n) - 0.5 * (employment == "between jobs"))
    amount = np.clip(income * np.exp(-1.35 + 0.45 * rng.normal(size=n)), 500, 60_000)
    debt = np.clip(0.34 - 0.07 * thrift + 0.11 * rng.normal(size=n), 0, 0.95)
    history = np.clip(9 + 3.5 * thrift + 5 * rng.normal(size=n), 0, 45)
    score = sigmoid(
        1.35 + 0.65 * np.log(income / 46_630) - 3.2 * (debt - 0.34) + 0.07 * (history - 9)
        - 0.55 * np.log(amount / income / 0.26) + np.array([EMPLOYMENT_EFFECT[e] for e in employment.tolist()])
        + 0.55 * rng.normal(size=n)
    )  # fmt: skip
    race = pick(rng, RACE, n)
    approved = score >= CUT_OFF
    if fault_day is not None:
        approved &= ~((race == GROUP) & (rng.random(n) < DECLINED_BY_RULE))
    repaid = rng.random(n) < score
    sex = pick(rng, SEX, n)
    return pa.table(
        {
            "application_id": ids("L", moments),
            "decided_at": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "channel": pick(rng, CHANNEL, n),
            "branch": pick(rng, BRANCH, n),
            "sex": pa.array(sex, mask=sex == ""),
            "race": pa.array(race, mask=race == ""),
            "income": pa.array(np.round(income, -1), mask=rng.random(n) < 0.015),
            "amount": np.round(amount, -2),
            "debt_to_income": np.round(debt, 3),
            "credit_history_years": pa.array(np.round(history, 1), mask=rng.random(n) < 0.04),
            "employment": employment,
            "purpose": pick(rng, PURPOSE, n),
            "repay_probability": np.round(score, 5),
            "decision": np.where(approved, "approved", "declined"),
            "latency_s": np.round(np.exp(-1.9 + 0.45 * rng.normal(size=n)), 4),
            "repaid": pa.array(repaid, mask=~arrived(rng, moments, last_day, HORIZON_DAYS)),
        }
    )
