"""The tables of the operations database. Their names and columns stand here and nowhere else but in migrations."""

from aimon.store.tables.access import api_keys, audit_chain, login_failures, privacy_ledger, sessions, users
from aimon.store.tables.delivery import channels, silences
from aimon.store.tables.edits import edits
from aimon.store.tables.encryption import data_keys
from aimon.store.tables.incidents import evaluations, findings, heartbeats, incident_events, incidents, notices
from aimon.store.tables.live import found_pii, live_states, usage
from aimon.store.tables.models import baselines, grids, records, registry, revisions
from aimon.store.tables.predictions import feedback, inbox, inbox_ids, labels
from aimon.store.tables.retention import expirations
from aimon.store.tables.schema import metadata
from aimon.store.tables.sealed import sealed_envelopes, sealed_sums

__all__ = [
    "api_keys",
    "audit_chain",
    "baselines",
    "channels",
    "data_keys",
    "edits",
    "evaluations",
    "expirations",
    "feedback",
    "findings",
    "found_pii",
    "grids",
    "heartbeats",
    "inbox",
    "inbox_ids",
    "incident_events",
    "incidents",
    "labels",
    "live_states",
    "login_failures",
    "metadata",
    "notices",
    "privacy_ledger",
    "records",
    "registry",
    "revisions",
    "sealed_envelopes",
    "sealed_sums",
    "sessions",
    "silences",
    "usage",
    "users",
]
