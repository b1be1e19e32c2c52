"""The owner's door for each model, by the model's own file. In: keys, declarations. Out: gates with their ledgers.

One process holds the ledgers at a time: two would both believe that the budget is theirs.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aimon.errors import ConflictError, SealedError
from aimon.sealed.gate import DecryptGate
from aimon.sealed.join.gate import JoinGate
from aimon.sealed.join.noise import JoinNoise, touched
from aimon.sealed.ledger import Ledger
from aimon.sealed.noise import NoisePolicy
from aimon.sealed.reference import join_layout, model_plan, model_scores
from aimon.sealed.score_gate import ScoreGate
from aimon.sealed.score_keys import read_any_secret
from aimon.sealed.seal.secret import RealSecretKey, SecretKey
from aimon.spec.model import ModelSpec
from aimon.spec.sealed import SealedSource

FOLDER = "sealed"


@dataclass(frozen=True, slots=True)
class Gates:
    """Opens each model's sums with its key, under its file's policy; the ledgers lie in the project's folder."""

    root: Path
    keys: dict[str, SecretKey | RealSecretKey]

    def of(self, spec: ModelSpec) -> DecryptGate:
        """The model's gate; SealedError where its key is not here."""
        source = spec.source
        if not isinstance(source, SealedSource):
            raise SealedError(f"{spec.name} has no sealed source")
        key = self._key(spec, source.key)
        beside = () if source.budget is None or source.join is None else (self._label_ledger(spec, source.join.key),)
        return DecryptGate(
            layout=model_plan(self.root, spec).layout,
            key=key,
            key_id=source.key,
            least_rows=source.least_rows,
            ledger=Ledger(ledger_path(self.root, spec.model), key.ledger_key),
            senders=source.senders,
            noise_key=key.noise_key,
            noise=policy_of(source),
            beside=beside,
        )

    def of_labels(self, spec: ModelSpec) -> JoinGate:
        """The gate of the model's joined labels; SealedError where it joins none, or its key is not here."""
        layout, source = join_layout(self.root, spec), spec.source
        assert isinstance(source, SealedSource)  # noqa: S101 - or there would be no layout
        assert source.join is not None  # noqa: S101
        key, policy, noise = self._key(spec, source.join.key), policy_of(source), None
        if policy is not None:
            beside = Ledger(ledger_path(self.root, spec.model), self._key(spec, source.key).ledger_key)
            variance = policy.variance(model_plan(self.root, spec).layout.touched)
            noise = JoinNoise(policy, variance, touched(layout), key.noise_key, (beside,))
        return JoinGate(
            layout,
            key,
            source.join.key,
            least_rows=source.least_rows,
            ledger=self._label_ledger(spec, source.join.key),
            senders=source.senders,
            noise=noise,
        )

    def _label_ledger(self, spec: ModelSpec, key_id: str) -> Ledger:
        return Ledger(ledger_path(self.root, f"{spec.model}.labels"), self._key(spec, key_id).ledger_key)

    def of_scores(self, spec: ModelSpec) -> ScoreGate:
        """The gate of a model that is scored; SealedError where it is not, or its key is not here."""
        source = spec.source
        if not isinstance(source, SealedSource) or source.release != "scores":
            raise SealedError(f"{spec.name} is not scored here; write source: {{release: scores}} as on the server")
        key = self._any_key(spec, source.key)
        if not isinstance(key, RealSecretKey):
            raise SealedError(f"key {source.key} is for counts; scores need one of `aimon sealed keygen --scores`")
        ledger = Ledger(ledger_path(self.root, spec.model), key.ledger_key)
        return ScoreGate(model_scores(self.root, spec), key, source.key, least_rows=source.least_rows, ledger=ledger)

    def _key(self, spec: ModelSpec, key_id: str) -> SecretKey:
        key = self._any_key(spec, key_id)
        if not isinstance(key, SecretKey):
            raise SealedError(f"key {key_id} is for scores; counts need one of `aimon sealed keygen`")
        return key

    def _any_key(self, spec: ModelSpec, key_id: str) -> SecretKey | RealSecretKey:
        key = self.keys.get(key_id)
        if key is None:
            raise SealedError(f"{spec.name} is sealed with key {key_id}, which is not here; give it with --key")
        return key


def policy_of(source: SealedSource) -> NoisePolicy | None:
    """The noise of a model's file."""
    budget = source.budget
    return None if budget is None else NoisePolicy(budget.epsilon, budget.delta, budget.releases)


def ledger_path(root: Path, name: str) -> Path:
    """Where the releases of a model, or of its labels, are noted."""
    return root / FOLDER / f"{name}.ledger"


@contextmanager
def opened(root: Path, keys: Sequence[Path]) -> Iterator[Gates]:
    """The gates of a project, for this process alone."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "agent.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(f"another agent holds the ledgers in {folder}; one at a time may release") from None
        yield Gates(root, {key_id: secret for secret, key_id in map(read_any_secret, keys)})
