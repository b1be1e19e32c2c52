"""Card payments with a calibrated fraud score. Planted: the amount arrives in another currency, unconverted."""

from datetime import date

import numpy as np
import pyarrow as pa

from examples.traffic import Rng, Stamps, Traffic, arrived, ids, pick, sigmoid

NAME = "card-fraud"
TRAFFIC = Traffic(weekday=7_200, weights=(0.92, 0.94, 0.98, 1.02, 1.15, 1.22, 1.0))
HORIZON_DAYS = 14
LEVA_PER_EURO = 1.95583
CUT_OFF = 0.3

TERMINAL = {"shop": 0.5, "online": 0.33, "cash machine": 0.17}
COUNTRY = {"Deutschland": 0.30, "България": 0.20, "France": 0.17, "Ελλάδα": 0.12, "España": 0.12, "Österreich": 0.09}
CATEGORY = {
    "groceries": 0.29, "restaurants & cafés": 0.19, "fuel": 0.12, "travel": 0.08, "electronics": 0.09, "fashion": 0.10,
    "pharmacy": 0.07, "gift cards": 0.04, "日本料理": 0.02,
}  # fmt: skip
CATEGORY_EFFECT = {"gift cards": 1.5, "electronics": 0.7, "travel": 0.5, "groceries": -0.6, "pharmacy": -0.4}


def rows(rng: Rng, moments: Stamps, last_day: date, fault_day: int | None) -> pa.Table:
    """The payments at the given moments; `fault_day` counts the days since the currency changed, None before."""
    n = moments.size
    category = pick(rng, CATEGORY, n)
    terminal = pick(rng, TERMINAL, n)
    effect = np.array([CATEGORY_EFFECT.get(c, 0.0) for c in category.tolist()])
    usual = 3.45 + 0.25 * effect + 0.55 * rng.normal(size=n)
    ratio = np.exp(0.75 * rng.normal(size=n))
    amount = np.exp(usual) * ratio * (LEVA_PER_EURO if fault_day is not None else 1.0)
    recent = rng.negative_binomial(1.6, 0.42, size=n)
    account_age = rng.gamma(1.8, 700.0, size=n).astype(np.int64)
    distance = np.where(terminal == "online", np.nan, rng.lognormal(1.4, 1.2, size=n))
    score = sigmoid(
        -5.0 + 1.3 * effect + 1.3 * np.log(ratio) + 0.3 * recent - 0.4 * np.log1p(account_age / 365)
        + 0.4 * np.nan_to_num(np.log1p(distance), nan=2.6) + 0.8 * (terminal == "online") + 1.2 * rng.normal(size=n)
    )  # fmt: skip
    return pa.table(
        {
            "payment_id": ids("P", moments),
            "authorised_at": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "terminal": terminal,
            "country": pick(rng, COUNTRY, n),
            "merchant_category": pa.array(category, mask=rng.random(n) < 0.008),
            "amount": np.round(amount, 2),
            "amount_vs_usual": np.round(ratio, 3),
            "payments_24h": recent,
            "account_age_days": account_age,
            "distance_km": pa.array(np.round(distance, 1), mask=np.isnan(distance)),
            "card_present": terminal != "online",
            "fraud_probability": np.round(score, 6),
            "flagged": score >= CUT_OFF,
            "latency_s": np.round(np.exp(-3.6 + 0.4 * rng.normal(size=n)), 5),
            "charged_back": pa.array(rng.random(n) < score, mask=~arrived(rng, moments, last_day, HORIZON_DAYS)),
        }
    )
