"""How each channel is doing, and whether one reaches its receiver: a notice that says it is a trial, sent at once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from aimon import clock
from aimon.errors import UserError
from aimon.incident.channel import Channel
from aimon.incident.event_kinds import RESOLVED
from aimon.spec.channels import ChannelSpec
from aimon.spec.wording import did_you_mean, quoted
from aimon.store import channels as states
from aimon.store.channels import ChannelState
from aimon.store.notices import Notice, Status

State = Literal["ok", "failing", "resting", "unused", "undeclared"]

TRIAL = "trial"
KEEP_STATE = frozenset({"pagerduty", "alertmanager"})
"""Kinds whose receivers keep what is open: a trial is ended there at once."""


@dataclass(frozen=True, slots=True)
class Health:
    """A channel, what kind it is declared as, and how it is doing."""

    told: ChannelState
    kind: str | None

    @property
    def state(self) -> State:
        """`undeclared` ones were used once and are not in aimon.yaml any more."""
        told = self.told
        if self.kind is None:
            return "undeclared"
        if told.rests_until_at is not None and told.rests_until_at > clock.now():
            return "resting"
        if told.failures:
            return "failing"
        return "unused" if told.delivered_at is None and told.failed_at is None else "ok"


def health_of(connection: Connection, declared: Mapping[str, ChannelSpec]) -> list[Health]:
    """Every channel by name, those too that were never used."""
    used = {each.channel: each for each in states.query(connection)}
    kinds = {name: spec.kind for name, spec in declared.items()}
    return [Health(used.get(name, ChannelState(channel=name)), kinds.get(name)) for name in sorted({*kinds, *used})]


def try_channel(channels: Mapping[str, Channel], name: str, *, kind: str) -> None:
    """Send a notice that says it is a trial. Raises `DeliveryError` where it is not taken; nothing of it is kept."""
    if name not in channels:
        raise UserError(f"no channel is called {quoted(name)}; {did_you_mean(name, channels)}")
    number = f"{TRIAL}-{secrets.token_hex(6)}"
    channels[name].send(_notice(number, name, TRIAL))
    if kind in KEEP_STATE:
        channels[name].send(_notice(number, name, RESOLVED))


def _notice(number: str, channel: str, kind: str) -> Notice:
    at = clock.now()
    subject = f"[{kind}] aimon reaches the channel {channel}"
    text = "This is a trial that somebody asked for. Nothing is wrong."
    payload: dict[str, Any] = {
        "id": number,
        "incident": None,
        "kind": kind,
        "cause": TRIAL,
        "model": "",
        "severity": "warning",
        "severities": ["warning"],
        "families": [],
        "segments": [],
        "findings": [],
        "findings_in_all": 0,
        "subject": subject,
        "text": text,
        "at": clock.iso(at),
    }
    return Notice(
        id=number,
        incident_id=0,
        event_id=0,
        channel=channel,
        severity="warning",
        subject=subject,
        body=text,
        payload=payload,
        status=Status.PENDING,
        attempts=1,
        next_attempt_at=at,
        last_error=None,
        created_at=at,
        delivered_at=None,
    )
