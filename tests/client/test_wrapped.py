import asyncio
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aimon_client import Client, MonitoredModel, Usage, read_prices
from aimon_client.prices import PriceError
from tests.client.collector import FakeCollector


def client_of(collector: FakeCollector, folder: Path) -> Client:
    return Client(collector.url, spill=folder / "spill", seconds=0.1)


def test_a_callable_answers_as_before_and_is_reported(collector: FakeCollector, tmp_path: Path) -> None:
    def approve(income: float, age: int) -> str:
        return "yes" if income > 10 else "no"

    with client_of(collector, tmp_path) as client:
        model = MonitoredModel(
            approve, "loans", version="2", client=client, features=lambda income, age: {"income": income, "age": age}
        )
        assert (model(5.0, age=30), model(50.0, age=30)) == ("no", "yes")
        assert client.flush()
    first, second = collector.taken["predictions"]
    assert (first["prediction"], first["features"], first["version"]) == ("no", {"income": 5.0, "age": 30}, "2")
    assert (second["prediction"], second["error"]) == ("yes", False)
    assert second["latency"] >= 0
    assert model.monitor.totals().calls == 2


def test_an_exception_of_the_model_goes_through_and_is_an_error(collector: FakeCollector, tmp_path: Path) -> None:
    def fail() -> None:
        raise ZeroDivisionError("the model's own")

    with client_of(collector, tmp_path) as client:
        model = MonitoredModel(fail, "loans", client=client)
        with pytest.raises(ZeroDivisionError, match="the model's own"):
            model()
        assert client.flush()
    assert collector.taken["predictions"][0]["error"] is True
    assert model.monitor.totals().errors == 1


def test_a_coroutine_is_awaited_and_measured() -> None:
    async def answer(text: str) -> dict[str, object]:
        await asyncio.sleep(0.05)
        return {"text": text.upper(), "usage": Usage(input=100, output=10)}

    model = MonitoredModel(answer, "chat", describe=lambda answer: {"prediction": None, "usage": answer["usage"]})
    assert asyncio.run(model("hi"))["text"] == "HI"
    assert model.monitor.totals().input_tokens == 100
    assert model.monitor.p95() == pytest.approx(0.05, rel=0.5)


def test_whatever_gives_an_awaitable_is_awaited(collector: FakeCollector, tmp_path: Path) -> None:
    class Remote:
        """As a client of a model server has it."""

        async def predict(self, data: list[list[float]]) -> list[str]:
            await asyncio.sleep(0.01)
            if not data:
                raise ValueError("nothing to predict")
            return ["yes" for _ in data]

    async def answer(text: str) -> str:
        return text.upper()

    async def all_of_them(remote: MonitoredModel, behind: MonitoredModel) -> None:
        assert await remote.predict([[1.0], [2.0]]) == ["yes", "yes"]
        assert await behind("hi", "!") == "HI!"
        with pytest.raises(ValueError, match="nothing to predict"):
            await remote.predict([])

    with client_of(collector, tmp_path) as client:
        remote = MonitoredModel(Remote(), "remote", client=client)
        behind = MonitoredModel(lambda text, loud: answer(text + loud), "chat", client=client)
        asyncio.run(all_of_them(remote, behind))
        assert client.flush()
    found = [(record["model"], record["prediction"], record["error"]) for record in collector.taken["predictions"]]
    assert found == [("remote", "yes", False)] * 2 + [("chat", "HI!", False), ("remote", None, True)]
    assert (remote.faults, behind.faults) == (0, 0)


class Stump:
    classes_ = np.array(["no", "yes"])
    depth = 1

    def predict(self, data: Any) -> np.ndarray:
        return self.classes_[(data["income"] > 10).astype(int)]

    def predict_proba(self, data: Any) -> np.ndarray:
        share = np.clip(data["income"].to_numpy() / 20, 0, 1)
        return np.column_stack([1 - share, share])


def test_each_row_of_a_model_with_predict_is_a_record(collector: FakeCollector, tmp_path: Path) -> None:
    import pandas as pd

    data = pd.DataFrame({"income": [5.0, 18.0], "town": ["a", None]})
    with client_of(collector, tmp_path) as client:
        model = MonitoredModel(Stump(), "loans", client=client)
        assert list(model.predict(data)) == ["no", "yes"]
        assert model.predict_proba(data)[1].tolist() == pytest.approx([0.1, 0.9])
        assert model.depth == 1
        assert client.flush()
    predicted, shares = collector.taken["predictions"][:2], collector.taken["predictions"][2:]
    assert [record["prediction"] for record in predicted] == ["no", "yes"]
    assert predicted[0]["features"] == {"income": 5.0, "town": "a"}
    assert [(record["prediction"], record["score"]) for record in shares] == [("no", 0.75), ("yes", 0.9)]


def test_arrays_and_lists_get_names_by_their_place(collector: FakeCollector, tmp_path: Path) -> None:
    class Sum:
        def predict(self, data: np.ndarray) -> np.ndarray:
            return np.asarray(data).sum(axis=1)

    with client_of(collector, tmp_path) as client:
        model = MonitoredModel(Sum(), "sums", client=client)
        model.predict(np.array([[1.0, 2.0]]))
        model.predict([[3, 4]])
        assert client.flush()
    assert [record["features"] for record in collector.taken["predictions"]] == [
        {"x0": 1.0, "x1": 2.0},
        {"x0": 3, "x1": 4},
    ]


def test_a_fault_of_the_watching_does_not_reach_the_caller() -> None:
    def features(_: object) -> dict[str, object]:
        raise RuntimeError("not the model's fault")

    model = MonitoredModel(lambda x: x + 1, "m", features=features)
    assert model(1) == 2
    assert model.faults == 1


def test_a_table_of_prices_is_read_exactly_and_its_mistakes_are_named(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    entry = {"model": "chat", "since": "2026-01-01", "input": 0.1, "output": 3}
    file.write_text(json.dumps([entry]))
    assert read_prices(file).cost("chat", Usage(input=3_000_000), date(2026, 5, 1)) == Decimal("0.3")
    for wrong, sentence in (
        ({**entry, "input": -1}, "entry 1: a price is negative or not a number"),
        ({**entry, "since": "soon"}, "entry 1: prices are numbers and `since` a day such as 2026-01-31"),
        ({"model": "chat"}, "entry 1: since is missing"),
    ):
        file.write_text(json.dumps([wrong]))
        with pytest.raises(PriceError, match=sentence):
            read_prices(file)


def test_rows_beyond_ten_thousand_of_one_call_are_counted_not_looked_at() -> None:
    class Doubles:
        def predict(self, rows: Any) -> Any:
            return np.asarray(rows)[:, 0] * 2

    model = MonitoredModel(Doubles(), "batches")
    assert len(model.predict(np.ones((10_003, 1)))) == 10_003
    assert (model.monitor.totals().calls, model.unreported, model.faults) == (10_000, 3, 0)
