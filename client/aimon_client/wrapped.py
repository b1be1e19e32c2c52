"""Any model, watched. In: a callable or an object with `predict`, sync or async. Out: the same, a record each.

The model's answer and its exceptions go through untouched; what goes wrong in the watching is counted, never raised.
"""

import inspect
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aimon_client.client import Client
from aimon_client.monitor import Monitor
from aimon_client.rows import MOST_ROWS, feature_rows, values

Keep = Callable[[Any, float, bool], None]


class MonitoredModel:
    """Wraps `model` and stands in for it.

    A callable is called as before; one record holds what `describe` makes of its answer (default: the answer is the
    prediction), its latency, and whether it raised. An object with `predict` and `predict_proba` keeps both; every row
    is a record, with the highest probability as its score. All other attributes are the model's own.
    """

    def __init__(
        self,
        model: Any,
        name: str,
        *,
        version: str = "1",
        client: Client | None = None,
        monitor: Monitor | None = None,
        features: Callable[..., Mapping[str, Any]] | None = None,
        describe: Callable[[Any], Mapping[str, Any]] | None = None,
    ) -> None:
        self.monitor = monitor if monitor is not None else Monitor(name, version)
        self.faults = 0
        """How often the watching itself failed."""
        self.unreported = 0
        """Rows of calls with more than ten thousand, which were not looked at."""
        self._model = model
        self._name = name
        self._version = version
        self._client = client
        self._features = features
        self._describe = describe

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._model, attribute)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        def keep(answer: Any, took: float, failed: bool) -> None:
            self._one(args, kwargs, answer, took, failed=failed)

        return self._watched(self._model, args, kwargs, keep)

    def _watched(self, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], keep: Keep) -> Any:
        """The answer, told to `keep` with its seconds and whether it failed; an awaitable is told when it is over."""
        start = time.perf_counter()
        try:
            answer = call(*args, **kwargs)
        except BaseException:
            keep(None, time.perf_counter() - start, True)
            raise
        if inspect.isawaitable(answer):
            return self._awaited(answer, keep)
        keep(answer, time.perf_counter() - start, False)
        return answer

    async def _awaited(self, coming: Awaitable[Any], keep: Keep) -> Any:
        start = time.perf_counter()
        try:
            answer = await coming
        except BaseException:
            keep(None, time.perf_counter() - start, True)
            raise
        keep(answer, time.perf_counter() - start, False)
        return answer

    def predict(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        """As the model's own."""
        return self._many(self._model.predict, data, args, kwargs, without_score)

    def predict_proba(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        """As the model's own; the likeliest class is the prediction."""
        return self._many(self._model.predict_proba, data, args, kwargs, self._likeliest)

    def _likeliest(self, answer: Any) -> list[tuple[Any, float | None]]:
        classes = getattr(self._model, "classes_", None)
        names = values(classes) if classes is not None else None
        found: list[tuple[Any, float | None]] = []
        for shares in values(answer):
            best = max(range(len(shares)), key=shares.__getitem__)
            found.append((names[best] if names else best, float(shares[best])))
        return found

    def _many(
        self,
        call: Callable[..., Any],
        data: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        read: Callable[[Any], list[tuple[Any, float | None]]],
    ) -> Any:
        def keep(answer: Any, took: float, failed: bool) -> None:
            if failed:
                self._one((), {}, None, took, failed=True)
                return
            try:
                self._rows(data, read(answer), took)
            except Exception:
                self.faults += 1

        return self._watched(call, (data, *args), kwargs, keep)

    def _rows(self, data: Any, answers: list[tuple[Any, float | None]], took: float) -> None:
        self.unreported += max(len(answers) - MOST_ROWS, 0)
        each_took = took / max(len(answers), 1)
        for features, (prediction, score) in zip(feature_rows(data), answers, strict=False):
            own = {} if score is None else {"score": score}
            self._report(features, {"prediction": prediction, **own}, each_took, failed=False)

    def _one(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], answer: Any, took: float, *, failed: bool = False
    ) -> None:
        try:
            features = self._features(*args, **kwargs) if self._features is not None else None
            described = {} if failed else dict(self._describe(answer)) if self._describe else {"prediction": answer}
            self._report(features, described, took, failed=failed)
        except Exception:
            self.faults += 1

    def _report(
        self, features: Mapping[str, Any] | None, described: dict[str, Any], took: float, *, failed: bool
    ) -> None:
        prediction, usage = described.pop("prediction", None), described.pop("usage", None)
        key = None
        if self._client is not None:
            spent = {} if usage is None else {"tokens": usage.total}
            key = self._client.log(
                self._name,
                prediction,
                features=features,
                version=self._version,
                latency=took,
                error=failed,
                **spent,
                **described,
            )
        self.monitor.record(
            prediction,
            confidence=described.get("score"),
            latency=took,
            error=failed,
            usage=usage,
            id=key or described.get("id"),
        )


def without_score(answer: Any) -> list[tuple[Any, float | None]]:
    """The answers as predictions."""
    return [(each, None) for each in values(answer)]
