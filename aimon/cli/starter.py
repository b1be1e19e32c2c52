"""The files of a starter project, as `aimon init` writes them."""

AIMON_YAML = """\
# yaml-language-server: $schema=.aimon/platform.schema.json
#
# The settings of the platform. Every key has a default, so this file may be empty; the values here are the defaults.
# Each is overridden by a variable: AIMON_DATABASE_URL, AIMON_RETENTION__PREDICTIONS, ...

models: models                                # the folder of the model files
lake_url: storage/lake                        # a folder, or s3://, gs://, az://
database_url: sqlite:///storage/aimon.db      # or postgresql://user@host/name; passwords belong in AIMON_DATABASE_URL
# dagster_url: http://127.0.0.1:3000          # where people reach Dagster's pages, for links to runs and assets
outbox: storage/outbox                        # where notices go that are written to files
logs: storage/logs                            # where the service writes its logs, beside stderr
encrypt_rows: false                           # true: rows lie encrypted, and are lost without AIMON_SECRET

audit: {anchor: storage/audit.anchor}         # the audit log's proof; keep it where the database's owner cannot write

#oidc:                                        # log in by an identity provider: docs/how-to/access.md
#  {issuer: https://login.example.org, client_id: aimon, redirect_url: ..., roles: {admin: [aimon-admins]}}

retention:
  predictions: 90d                            # raw rows
  samples: 90d                                # at most 20,000 of a day's rows, for what whole rows tell
  profiles: 730d                              # their counts, from which every metric is computed
  records: 730d                               # metrics and verdicts
  reports: 365d
  application_logs: 30d                       # of requests and failures
  privacy_logs: 7d                            # of where personal data was taken out
  system_logs: 90d                            # of the web server and its libraries

channels: {}                                  # ways to reach people; without one, notices are written to the outbox
#  team: {kind: slack, url: $SLACK_URL}       # secrets come from the environment, never from this file
#  mail: {kind: email, host: smtp.example.org, from: aimon@example.org, to: [ml@example.org]}
#  pager: {kind: pagerduty, routing_key: $PAGERDUTY_KEY}

rules: []                                     # findings of your own, for all models or for those that fit
#  - {name: gold-models-answer, metric: error_rate, above: 0.02, when: {tags: {tier: gold}}}

calendars: {}                                 # hours by name, for routes and quiet hours
#  business: {timezone: Europe/Berlin, days: [mon, tue, wed, thu, fri], from: 09:00, to: 18:00, holidays: [2026-12-25]}

routes: []                                    # none: critical to all channels at once, warnings to mail as a digest
#  - {when: {severity: critical, owner: risk-team, time: not business}, to: [pager]}

silences: []                                  # what is held back for a while
#  - {when: {model: loan-approval}, until: 2026-12-01T08:00:00Z, reason: planned migration, author: ann}

notices:
  repeat_after: 6h                            # the same cause is not told again, unless it gets worse
  digest_at: 08:00                            # when digests go out
  timezone: UTC
"""

MODEL_YAML = """\
# yaml-language-server: $schema=../.aimon/model.schema.json
#
# One model. Only `model`, `task` and `columns.prediction` are needed to compare two files;
# to watch the model every day, `source` and `columns.timestamp` too.

model: loan-approval
version: "2.3"
task: binary                        # binary, multiclass, regression, ranking or generative
owner: risk-team
tags: {tier: gold}                  # what tells it apart in a fleet

source:                             # parquet, csv, sql or collector
  kind: parquet
  path: data/loans/*.parquet        # a file, a folder, a glob, or a URL such as s3://bucket/loans/
  timezone: UTC                     # of timestamps without an offset

columns:
  id: request_id                    # to match labels that arrive later
  timestamp: created_at
  prediction: decision
  score: probability                # of the positive class, or the confidence
  label: defaulted                  # what turned out to be true; rows without it yet are left empty
  features: [income, age, region]   # or with kinds: {income: numeric, region: categorical}; default: every other column
  protected: [sex]                  # attributes of people, for fairness
  segments: [channel]               # parts of the rows to look at by themselves

positive: 1                         # which predictions mean "selected"
label_positive: 1                   # which labels mean "it came true"; default: as positive
label_horizon: 30d                  # a row's label is final this long after its timestamp

baseline:                           # what the model is compared with: its own days, or {path: train.parquet}
  from: 2026-09-01
  to: 2026-09-30

rules:                              # findings of your own; try them with: aimon rules test --from ... --to ...
  - {name: slow, metric: latency_p95, above: 0.8, windows: 3}

thresholds:                         # only where the defaults do not suit; every metric has sensible ones
  psi: {warning: 0.1, critical: 0.25}
"""

GITIGNORE = """\
# what aimon keeps
storage/
"""
