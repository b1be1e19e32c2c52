"""Questions to a language model. Planted: every call resends the whole conversation, so its cost grows day by day."""

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa

from examples.traffic import Rng, Stamps, Traffic, arrived, ids, pick

NAME = "support-assistant"
TRAFFIC = Traffic(weekday=5_600, weights=(1.15, 1.05, 1.0, 0.98, 0.95, 0.62, 0.55))
HORIZON_DAYS = 2
REVIEWED = 0.5
MICRO_DOLLARS_PER_TOKEN = (3, 15)  # read, written
RESENT, GROWTH_PER_DAY = 2.4, 1.22

INTENT = {"delivery": 0.27, "returns": 0.21, "billing": 0.18, "account": 0.14, "technical": 0.12, "other": 0.08}
CHANNEL = {"chat": 0.58, "e-mail": 0.24, "voice": 0.18}
TIER = {"basic": 0.71, "plus": 0.23, "premium": 0.06}
LANGUAGE = {"English": 0.44, "Español": 0.19, "Deutsch": 0.15, "Français": 0.12, "日本語": 0.06, "العربية": 0.04}
PHRASES = {
    "English": "Where is my parcel?|I was charged twice.|The app will not start.|How do I return this?|Thanks!",
    "Español": "¿Dónde está mi pedido?|Me cobraron dos veces.|La aplicación no abre.|¿Cómo lo devuelvo?|¡Gracias!",
    "Deutsch": "Wo bleibt mein Paket?|Es wurde doppelt abgebucht.|Die App startet nicht.|Wie geht das zurück?|Grüße!",
    "Français": "Où est mon colis ?|On m'a débité deux fois.|L'appli ne démarre pas.|Comment le renvoyer ?|Merci !",
    "日本語": "荷物はどこですか。|二重に請求されました。|アプリが起動しません。|返品したいです。|ありがとう!",
    "العربية": "أين طردي؟|تم خصم المبلغ مرتين.|التطبيق لا يعمل.|كيف أعيد المنتج؟|شكرا!",
}


def rows(rng: Rng, moments: Stamps, last_day: date, fault_day: int | None) -> pa.Table:
    """The calls at the given moments; `fault_day` counts the days since conversations are resent, None before."""
    n = moments.size
    intent, language = pick(rng, INTENT, n), pick(rng, LANGUAGE, n)
    confidence = 0.30 + 0.70 * rng.beta(7.0, 1.25, size=n)
    wrong = rng.random(n) >= confidence
    truth = np.where(wrong, pick(rng, INTENT, n), intent)
    failed = rng.random(n) < 0.004
    reviewed = (rng.random(n) < REVIEWED) & arrived(rng, moments, last_day, HORIZON_DAYS) & ~failed
    read = rng.lognormal(6.7, 0.5, size=n)
    if fault_day is not None:
        read *= RESENT * GROWTH_PER_DAY**fault_day
    read = np.where(failed, 0, read).astype(np.int64)
    written = np.where(failed, 0, rng.lognormal(5.3, 0.55, size=n)).astype(np.int64)
    micro_dollars = read * MICRO_DOLLARS_PER_TOKEN[0] + written * MICRO_DOLLARS_PER_TOKEN[1]
    return pa.table(
        {
            "request_id": ids("S", moments),
            "asked_at": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "channel": pick(rng, CHANNEL, n),
            "language": language,
            "customer_tier": pick(rng, TIER, n),
            "question": _questions(rng, language.tolist()),
            "intent": pa.array(intent, mask=failed),
            "confidence": pa.array(np.round(confidence, 4), mask=failed),
            "latency_s": np.round(np.where(failed, 30.0, np.exp(0.1 + 0.5 * rng.normal(size=n))), 3),
            "error": pa.array(np.where(failed, "timed out", ""), mask=~failed),
            "tokens": read + written,
            "cost_usd": pa.array([Decimal(int(m)).scaleb(-6) for m in micro_dollars], pa.decimal128(12, 6)),
            "agent_intent": pa.array(truth, mask=~reviewed),
        }
    )


def _questions(rng: Rng, languages: list[str]) -> list[str]:
    """One to five phrases of the customer's language and an order number."""
    phrases = {language: text.split("|") for language, text in PHRASES.items()}
    counts = rng.integers(1, 6, size=len(languages)).tolist()
    choices = rng.integers(0, 5, size=(len(languages), 5)).tolist()
    orders = rng.integers(10**5, 10**7, size=len(languages)).tolist()
    return [
        " ".join([*(phrases[language][phrase] for phrase in chosen[:count]), f"#{order}"])
        for language, count, chosen, order in zip(languages, counts, choices, orders, strict=True)
    ]
