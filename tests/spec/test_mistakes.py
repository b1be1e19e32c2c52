"""Every mistake a user can make in the files or the variables, with the exact sentence it gets."""

# ruff: noqa: E501 - the sentences stand whole, so that they can be searched for

from itertools import pairwise

import pytest

from aimon.errors import ConfigError
from aimon.spec.project import load_project
from aimon.spec.rules import Worse

METRICS = {"psi": Worse.ABOVE, "ks": Worse.ABOVE, "disparate_impact": Worse.BELOW, "volume": None}

LOANS = """\
model: loans
task: binary
source: {kind: parquet, path: data/*.parquet}
columns:
  timestamp: at
  prediction: decision
  label: defaulted
  features: [income, age]
  protected: [sex]
  segments: [channel]
"""


def swap(old, new):
    assert LOANS.count(old) == 1
    return LOANS.replace(old, new)


def add(text):
    return LOANS + text


def source(text):
    return swap("source: {kind: parquet, path: data/*.parquet}", f"source: {text}")


IN_A_MODEL_FILE = [
    ("an empty file", b"", ": the file is empty; declare a model in it, or delete it"),
    ("a file of comments", "# to be written\n", ": the file is empty; declare a model in it, or delete it"),
    ("a list instead of keys", "- loans\n", ":1: found a list, expected a mapping of keys to values"),
    ("a text instead of keys", "loans\n", ":1: found the text 'loans', expected a mapping of keys to values"),
    ("a tab", swap("task:", "\ttask:"), ":2: not valid YAML: a tab stands where only spaces may"),
    ("a list left open", swap("[income, age]", "[income, age"), ":8: not valid YAML: this list is not closed with ]"),
    ("a mapping left open", swap("parquet}", "parquet"), ":3: not valid YAML: this mapping is not closed with }"),
    ("a quotation mark left open", add('owner: "risk\n'), ":11: not valid YAML: this quotation mark is never closed"),
    ("a key without a colon", swap("task: binary", "task binary"), ":2: not valid YAML: this key has no ':' after it"),
    (
        "two colons",
        swap("decision", "decision: x"),
        ":6: not valid YAML: a ':' stands where none may; check the indentation, or quote the text",
    ),
    (
        "a backslash in quotes",
        source('{kind: parquet, path: "data\\loans"}'),
        ":3: not valid YAML: a backslash in double quotes starts an escape; use single quotes",
    ),
    ("an @ at the beginning", add("owner: @risk\n"), ":11: not valid YAML: no text begins with '@'; put it in quotes"),
    (
        "a list item on the key's line",
        add("owner: - risk\n"),
        ":11: not valid YAML: an item of a list begins on its own line",
    ),
    (
        "an indentation too many",
        add(" owner: risk\n"),
        ":11: not valid YAML: this does not continue what stands above; check the indentation and the quotes",
    ),
    (
        "a key amid a list",
        swap("features: [income, age]", "features:\n  - income\n  oops"),
        ":10: not valid YAML: this key has no ':' after it",
    ),
    ("two documents", add("---\nmodel: other\n"), ":11: a second document begins here; keep one a file"),
    ("an alias without anchor", add("owner: *team\n"), ":11: the alias *team has no anchor &team before it"),
    ("an unknown tag", add("owner: !team risk\n"), ":11: owner: the tag '!team' is not supported"),
    ("a list as a key", add("? [owner]\n: risk\n"), ":11: a key must be a text, not a list, a mapping or an alias"),
    ("a merge of no mapping", add("<<: 3\n"), ":11: << merges mappings, and this is none"),
    (
        "aliases that multiply",
        add(
            "owner: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
            + "".join(f"x{n}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for n, (a, b) in enumerate(pairwise("abcde")))
        ),
        ":15: aliases make this file larger than 100,000 values",
    ),
    (
        "lists in lists in lists",
        add("owner: " + "[" * 100_000 + "\n"),
        ":11: lists and mappings are nested more than 32 deep",
    ),
    (
        "a key written twice",
        add("task: regression\n"),
        ":11: task: this key is written twice; it stands on line 2 already",
    ),
    (
        "a key written twice inside",
        swap("  label:", "  timestamp: then\n  label:"),
        ":7: columns.timestamp: this key is written twice; it stands on line 5 already",
    ),
    ("Latin-1", LOANS.encode() + b"owner: Andr\xe9\n", ":11: byte 0xe9 is not UTF-8; save the file as UTF-8"),
    ("UTF-16", LOANS.encode("utf-16-le"), ":1: the control character U+0000 stands here; remove it"),
    ("a control character", add('owner: "a\x07"\n'), ":11: the control character U+0007 stands here; remove it"),
    (
        "a null character by escape",
        add('owner: "a\\0b"\n'),
        ":11: owner: the text holds the character U+0000; remove it",
    ),
    (
        "a file of a megabyte",
        add("# " + "x" * 1_000_000),
        ": the file is larger than 1 MB; a declaration is a page, not data",
    ),
    ("a misspelt key", swap("task:", "tsk:"), ":2: tsk: unknown key; did you mean 'task'?"),
    (
        "a misspelt key inside",
        swap("protected", "protcted"),
        ":9: columns.protcted: unknown key; did you mean 'protected'?",
    ),
    (
        "a key near to none",
        add("zzz: 1\n"),
        ":11: zzz: unknown key; known are baseline, budget, columns, description, formerly, holidays, importance, label_horizon, label_positive, metrics, model, own_limits, owner, positive, prices, retired and 7 more",
    ),
    ("a key of columns at the top", add("label: paid\n"), ":11: label: this key belongs under columns; move it there"),
    (
        "a misspelt key of columns at the top",
        add("labels: paid\n"),
        ":11: labels: unknown key; did you mean 'label' under columns?",
    ),
    (
        "a key of the top under columns",
        swap("  label:", "  label_horizon: 3d\n  label:"),
        ":7: columns.label_horizon: this key belongs at the top level; move it there",
    ),
    (
        "a key of another kind of source",
        source('{kind: parquet, path: x, delimiter: ";"}'),
        ":3: source.delimiter: unknown key; known are kind, path and timezone",
    ),
    (
        "no model",
        swap("model: loans\n", ""),
        ":1: model: missing; it says how the model is called, in letters, digits, '.', '_' and '-'",
    ),
    (
        "no task",
        swap("task: binary\n", ""),
        ":1: task: missing; it says what the model predicts: binary, multiclass, regression, ranking or generative",
    ),
    ("no columns", "model: loans\ntask: binary\n", ":1: columns: missing; it says which column of the data means what"),
    (
        "no prediction",
        swap("  prediction: decision\n", ""),
        ":4: columns.prediction: missing; it says which column holds the model's answer",
    ),
    (
        "no path",
        source("{kind: parquet}"),
        ":3: source.path: missing; it says where the files are: a file, a folder, a glob or an fsspec URL",
    ),
    ("no kind", source("{path: x}"), ":3: source.kind: missing; write parquet, csv, sql, collector or sealed"),
    (
        "no source",
        swap("source: {kind: parquet, path: data/*.parquet}\n", ""),
        ":1: source: missing; say where the predictions come from, such as {kind: parquet, path: data/*.parquet}",
    ),
    (
        "no timestamp",
        swap("  timestamp: at\n", ""),
        ":4: columns.timestamp: missing; without it the source cannot be read day by day",
    ),
    (
        "a misspelt kind of source",
        source("{kind: parket, path: x}"),
        ":3: source.kind: found the text 'parket', expected parquet, csv, sql, collector or sealed; did you mean 'parquet'?",
    ),
    (
        "an unknown kind of source",
        source("{kind: kafka}"),
        ":3: source.kind: found the text 'kafka', expected parquet, csv, sql, collector or sealed",
    ),
    (
        "a path instead of a source",
        source("data/*.parquet"),
        ":3: source: found the text 'data/*.parquet', expected a mapping such as {kind: parquet, path: data/*.parquet}",
    ),
    (
        "an empty path",
        source('{kind: csv, path: ""}'),
        ":3: source.path: found an empty text; write something or remove the key",
    ),
    (
        "a number for a name",
        swap("model: loans", "model: 7"),
        ":1: model: found the number 7, expected a text; put it in quotes",
    ),
    (
        "a name with a space",
        swap("model: loans", "model: loan approval"),
        ":1: model: 'loan approval' is not a model name; use up to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit",
    ),
    (
        "a name with a slash",
        swap("model: loans", "model: risk/loans"),
        ":1: model: 'risk/loans' is not a model name; use up to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit",
    ),
    (
        "a name that is too long",
        swap("model: loans", "model: " + "x" * 101),
        ":1: model: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is not a model name; use up to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit",
    ),
    (
        "a number for a version",
        add("version: 2.3\n"),
        ":11: version: found the number 2.3, expected a text; put it in quotes",
    ),
    (
        "a version that is too long",
        add("version: " + "9" * 20 + "a" * 90 + "\n"),
        ":11: version: '99999999999999999999aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...' is too long; at most 100 characters",
    ),
    (
        "a misspelt task",
        swap("binary", "binry"),
        ":2: task: found the text 'binry', expected binary, multiclass, regression, ranking or generative; did you mean 'binary'?",
    ),
    (
        "a list for a task",
        swap("binary", "[binary]"),
        ":2: task: found a list, expected binary, multiclass, regression, ranking or generative",
    ),
    (
        "an empty column name",
        swap("decision", '""'),
        ":6: columns.prediction: found an empty text; write something or remove the key",
    ),
    (
        "true for a column name",
        swap("decision", "true"),
        ":6: columns.prediction: found true, expected a text; put it in quotes",
    ),
    ("nothing for a column name", swap("decision", ""), ":6: columns.prediction: found nothing, expected a text"),
    ("a list for a column name", swap("decision", "[a, b]"), ":6: columns.prediction: found a list, expected a text"),
    (
        "a text for the features",
        swap("[income, age]", "income"),
        ":8: columns.features: found the text 'income', expected a list such as [income, age] or a mapping such as {income: numeric}",
    ),
    (
        "a number among the features",
        swap("[income, age]", "[income, 3]"),
        ":8: columns.features[1]: found the number 3, expected a text; put it in quotes",
    ),
    (
        "an unknown kind of a feature",
        swap("[income, age]", "{income: numeric, age: number}"),
        ":8: columns.features.age: found the text 'number', expected numeric, categorical, boolean, datetime or text; did you mean 'numeric'?",
    ),
    (
        "a text for the protected",
        swap("[sex]", "sex"),
        ":9: columns.protected: found the text 'sex', expected a list, such as [sex]",
    ),
    (
        "a list for the columns",
        "model: loans\ntask: binary\ncolumns: [decision]\n",
        ":3: columns: found a list, expected a mapping such as {prediction: decision, label: defaulted}",
    ),
    (
        "a mapping for positive",
        add("positive: {approve: 1}\n"),
        ":11: positive: found a mapping, expected a value or a list of values, such as 1 or [approve, refer]",
    ),
    (
        "an empty list for positive",
        add("positive: []\n"),
        ":11: positive: found an empty list, expected a value or a list of values, such as 1 or [approve, refer]",
    ),
    (
        "nothing among positive",
        add("positive: [1, null]\n"),
        ":11: positive: found nothing, expected a value or a list of values, such as 1 or [approve, refer]",
    ),
    (
        "a span without unit",
        add("label_horizon: 30\n"),
        ":11: label_horizon: the number 30 is not a span of time; write a number and a unit, such as 30d, 6h or 15m",
    ),
    (
        "a span in words",
        add("label_horizon: 30 days\n"),
        ":11: label_horizon: the text '30 days' is not a span of time; write a number and a unit, such as 30d, 6h or 15m",
    ),
    (
        "a span of ages",
        add("label_horizon: 99999999999d\n"),
        ":11: label_horizon: the text '99999999999d' is longer than a century",
    ),
    (
        "a day that does not exist",
        add("baseline: {from: 2026-09-31, to: 2026-10-01}\n"),
        ":11: baseline.from: 2026-09-31 is not a day of the calendar",
    ),
    (
        "a day the other way round",
        add("baseline: {from: 01.09.2026, to: 2026-10-01}\n"),
        ":11: baseline.from: the text '01.09.2026' is not a day; write year-month-day, such as 2026-09-01",
    ),
    (
        "a period that ends before it begins",
        add("baseline: {from: 2026-10-01, to: 2026-09-01}\n"),
        ":11: baseline: from 2026-10-01 is after to 2026-09-01; swap them",
    ),
    (
        "a period without end",
        add("baseline: {from: 2026-10-01}\n"),
        ":11: baseline.to: missing; it says which day is the last of the reference",
    ),
    (
        "counts as the baseline of rows",
        add("baseline: {counts: reference.counts}\n"),
        ":11: baseline.counts: counts are for a sealed source; write path, or from and to",
    ),
    (
        "a sealed source whose key is no id",
        source("{kind: sealed, key: public.key, layout: 0123456789abcdef}"),
        ":3: source.key: 'public.key' is no id; write the 16 digits and letters that `aimon sealed` printed",
    ),
    (
        "a sender of a sealed source whose key is none",
        source("{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef, senders: {a: host.key}}"),
        ":3: source.senders.a: 'host.key' is no sender's key; write the 64 digits and letters of `aimon sealed sender`",
    ),
    (
        "labels joined by groups that are not protected",
        source(
            "{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef, join: {key: 0123456789abcdef, "
            "layout: 0123456789abcdef, attributes: [sx]}}"
        ),
        ":3: source.join.attributes[0]: 'sx' is not protected; did you mean 'sex'?",
    ),
    (
        "labels joined of a model that cannot",
        source(
            "{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef, join: {key: 0123456789abcdef, "
            "layout: 0123456789abcdef, attributes: [sex]}}"
        ).replace("task: binary", "task: regression"),
        ":3: source.join: labels are joined for binary models with a label; send those of others with their rows",
    ),
    (
        "a trend where counts are released",
        source(
            "{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef, release: counts, plan: plan.json, trend: 7}"
        ),
        ":3: source: a trend is for release: verdicts without a budget, as its line has no noise; leave it out",
    ),
    (
        "scores without their plan",
        source("{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef, release: scores}"),
        ":3: source: plan is missing; scores are made by the plan of `aimon sealed plan --scores`",
    ),
    (
        "scores with noise",
        source(
            "{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef, release: scores, plan: scores.json, "
            "budget: {epsilon: 1.0, delta: 0.1, releases: 1}}"
        ),
        ":3: source: scores have neither labels nor noise; leave out join and budget",
    ),
    (
        "an evaluation key where nothing is scored",
        source("{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef, evaluation: evaluation.key}"),
        ":3: source: an evaluation key is for release: scores; leave it out",
    ),
    (
        "scores compared with counts",
        source("{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef, release: scores, plan: scores.json}")
        + "baseline: {counts: reference.counts}\n",
        ":11: baseline: scores are compared with the shares in the plan; remove it here",
    ),
    (
        "rows as the baseline of a sealed source",
        source("{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef}") + "baseline: {path: train.parquet}\n",
        ":11: baseline: nobody here can read rows of a sealed source; write {counts: reference.parquet}",
    ),
    (
        "counts to be released without counts to compare with",
        source("{kind: sealed, key: 0123456789abcdef, layout: 0123456789abcdef, release: counts, plan: plan.json}"),
        ":1: baseline: missing; write {counts: ...} with the file that `aimon sealed plan` wrote",
    ),
    (
        "a baseline of two kinds",
        add("baseline: {path: a, from: 2026-10-01}\n"),
        ":11: baseline: found the keys path and from, expected a mapping such as {from: 2026-09-01, to: 2026-09-30} or {path: train.parquet}",
    ),
    (
        "a baseline of no kind",
        add("baseline: {file: train.parquet}\n"),
        ":11: baseline: found the key file, expected a mapping such as {from: 2026-09-01, to: 2026-09-30} or {path: train.parquet}",
    ),
    (
        "a path instead of a baseline",
        add("baseline: train.parquet\n"),
        ":11: baseline: found the text 'train.parquet', expected a mapping such as {from: 2026-09-01, to: 2026-09-30} or {path: train.parquet}",
    ),
    (
        "nothing for the thresholds",
        add("thresholds:\n"),
        ":11: thresholds: found nothing, expected a mapping of keys to values; fill it or remove the key",
    ),
    (
        "a number for a threshold",
        add("thresholds: {psi: 0.2}\n"),
        ":11: thresholds.psi: found the number 0.2, expected a mapping such as {warning: 0.1, critical: 0.25}",
    ),
    (
        "a threshold without limits",
        add("thresholds: {psi: {}}\n"),
        ":11: thresholds.psi: sets no limit; write warning, critical or both",
    ),
    (
        "a text for a limit",
        add("thresholds: {psi: {warning: high}}\n"),
        ":11: thresholds.psi.warning: found the text 'high', expected a number",
    ),
    (
        "not a number for a limit",
        add("thresholds: {psi: {warning: .nan}}\n"),
        ":11: thresholds.psi.warning: found a number that is not finite",
    ),
    (
        "a misspelt limit",
        add("thresholds: {psi: {warnings: 0.1}}\n"),
        ":11: thresholds.psi.warnings: unknown key; did you mean 'warning'?",
    ),
    (
        "a misspelt metric",
        add("thresholds: {pssi: {warning: 0.1}}\n"),
        ":11: thresholds.pssi: unknown metric; did you mean 'psi'?",
    ),
    (
        "an unknown metric",
        add("thresholds: {nonsense: {warning: 0.1}}\n"),
        ":11: thresholds.nonsense: unknown metric; known are disparate_impact, ks, psi and volume",
    ),
    (
        "a warning beyond critical",
        add("thresholds:\n  psi: {warning: 0.3, critical: 0.2}\n"),
        ":12: thresholds.psi: warning 0.3 lies beyond critical 0.2, and psi is worse above its limits; swap them",
    ),
    (
        "a warning beyond critical, downwards",
        add("thresholds:\n  disparate_impact: {warning: 0.7, critical: 0.8}\n"),
        ":12: thresholds.disparate_impact: warning 0.7 lies beyond critical 0.8, and disparate_impact is worse below its limits; swap them",
    ),
    (
        "a warning beyond critical of a column",
        add("thresholds:\n  psi:\n    columns:\n      income: {warning: 0.3, critical: 0.2}\n"),
        ":14: thresholds.psi.columns.income: warning 0.3 lies beyond critical 0.2, and psi is worse above its limits; swap them",
    ),
    (
        "a limit for no column",
        add("thresholds:\n  psi:\n    columns: {incme: {warning: 0.3}}\n"),
        ":13: thresholds.psi.columns.incme: no such column is declared under columns; did you mean 'income'?",
    ),
    (
        "a column without limits",
        add("thresholds:\n  psi:\n    columns: {income: {}}\n"),
        ":13: thresholds.psi.columns.income: sets no limit; write warning, critical or both",
    ),
    (
        "a limit for no segment",
        add("thresholds:\n  psi:\n    segments: {web: {warning: 0.3}}\n"),
        ":13: thresholds.psi.segments.web: not a segment; write column=value, such as channel=web",
    ),
    (
        "a limit for a misspelt segment column",
        add("thresholds:\n  psi:\n    segments: {chanel=web: {warning: 0.3}}\n"),
        ":13: thresholds.psi.segments.chanel=web: 'chanel' is not among columns.segments; did you mean 'channel'?",
    ),
    (
        "a limit for a column of no segments",
        add("thresholds:\n  psi:\n    segments: {region=north: {warning: 0.3}}\n"),
        ":13: thresholds.psi.segments.region=north: 'region' is not among columns.segments; add it there",
    ),
    (
        "a rule for no list",
        add("rules: {name: slow}\n"),
        ":11: rules: found a mapping, expected a list",
    ),
    (
        "a rule without a name",
        add("rules:\n  - {metric: psi, above: 1}\n"),
        ":12: rules[0].name: missing; it says how incidents call the rule",
    ),
    (
        "a rule with a space in its name",
        add("rules:\n  - {name: too slow, metric: psi, above: 1}\n"),
        ":12: rules[0].name: 'too slow' is not a name of a rule; use up to 60 letters, digits, '_' and '-'",
    ),
    (
        "a metric of one's own that runs something",
        add("metrics:\n  - {name: own, formula: open(psi)}\n"),
        ":12: metrics[0].formula: 'open(psi)' may not stand in a formula; a formula has numbers, names of metrics, + - * /, parentheses, min and max",
    ),
    (
        "a metric of one's own that takes a name",
        add("metrics:\n  - {name: psi, formula: volume / 2}\n"),
        ":12: metrics[0].name: 'psi' is a built-in metric; name this one apart",
    ),
    (
        "a metric of one's own of one that is none",
        add("metrics:\n  - {name: own, formula: volum / 2}\n"),
        ":12: metrics[0].formula: there is no built-in metric 'volum'; did you mean 'volume'?",
    ),
    (
        "two metrics of one's own of a name",
        add("metrics:\n  - {name: own, formula: volume}\n  - {name: own, formula: volume}\n"),
        ":13: metrics[1].name: another metric is called 'own'; name this one apart",
    ),
    (
        "a limit without a bad side",
        add("metrics:\n  - {name: own, formula: volume, warning: 1}\n"),
        ":12: metrics[0]: a limit has a bad side; add worse: above or worse: below",
    ),
    (
        "limits of one's own in the wrong order",
        add("metrics:\n  - {name: own, formula: volume, worse: above, warning: 3, critical: 2}\n"),
        ":12: metrics[0]: warning 3 lies beyond critical 2, and it is worse above; swap them",
    ),
    (
        "a rule on a misspelt metric",
        add("rules:\n  - {name: a, metric: pssi, above: 1}\n"),
        ":12: rules[0].metric: there is no metric 'pssi'; did you mean 'psi'?",
    ),
    (
        "a rule that bounds nothing",
        add("rules:\n  - {name: a, metric: psi}\n"),
        ":12: rules[0]: says nothing about the value; write one of above, below, rises_by or falls_by",
    ),
    (
        "a rule with two limits",
        add("rules:\n  - {name: a, metric: psi, above: 1, below: 0}\n"),
        ":12: rules[0]: above and below are written; write one of above, below, rises_by or falls_by",
    ),
    (
        "a rise from nowhere",
        add("rules:\n  - {name: a, metric: psi, rises_by: 20%}\n"),
        ":12: rules[0]: rises_by is measured from something; add from: baseline or from: last_week",
    ),
    (
        "a number from somewhere",
        add("rules:\n  - {name: a, metric: psi, above: 1, from: baseline}\n"),
        ":12: rules[0]: from goes with rises_by or falls_by, and above is a number by itself; remove one",
    ),
    (
        "a rise from a misspelt week",
        add("rules:\n  - {name: a, metric: psi, rises_by: 20%, from: lastweek}\n"),
        ":12: rules[0].from: found the text 'lastweek', expected baseline or last_week; did you mean 'last_week'?",
    ),
    (
        "a rise in words",
        add("rules:\n  - {name: a, metric: psi, rises_by: much, from: baseline}\n"),
        ":12: rules[0].rises_by: found the text 'much', expected a number such as 0.05, or a percentage such as 20%; not below 0",
    ),
    (
        "a negative rise",
        add("rules:\n  - {name: a, metric: psi, rises_by: -1, from: baseline}\n"),
        ":12: rules[0].rises_by: found the number -1, expected a number such as 0.05, or a percentage such as 20%; not below 0",
    ),
    (
        "a rule over an odd window",
        add("rules:\n  - {name: a, metric: psi, above: 1, window: 3d}\n"),
        ":12: rules[0].window: found the text '3d', expected 1d, 24h, 7d or 30d; did you mean '30d'?",
    ),
    (
        "a rule for no windows",
        add("rules:\n  - {name: a, metric: psi, above: 1, windows: 0}\n"),
        ":12: rules[0].windows: found the number 0, expected 1 or more",
    ),
    (
        "a rule that is only for information",
        add("rules:\n  - {name: a, metric: psi, above: 1, severity: info}\n"),
        ":12: rules[0].severity: found the text 'info', expected warning or critical",
    ),
    (
        "a rule for a misspelt column",
        add("rules:\n  - {name: a, metric: psi, above: 1, column: incme}\n"),
        ":12: rules[0].column[0]: no such column is declared under columns; did you mean 'income'?",
    ),
    (
        "a rule for a misspelt segment",
        add("rules:\n  - {name: a, metric: psi, above: 1, segment: chanel=*}\n"),
        ":12: rules[0].segment[0]: 'chanel' is not among columns.segments; did you mean 'channel'?",
    ),
    (
        "two rules of one name",
        add("rules:\n  - {name: a, metric: psi, above: 1}\n  - {name: a, metric: ks, above: 1}\n"),
        ":13: rules[1].name: another rule is called 'a'; name this one apart",
    ),
    (
        "a total against the baseline",
        add("rules:\n  - {name: a, metric: volume, falls_by: 50%, from: baseline}\n"),
        ":12: rules[0].from: volume grows with the window, and the baseline is another span; write last_week",
    ),
    (
        "a past of a few days",
        add("own_limits: {days: 7}\n"),
        ":11: own_limits.days: found the number 7, expected 14 or more",
    ),
    (
        "a way to make limits that does not exist",
        add("own_limits: {method: seasons}\n"),
        ":11: own_limits.method: found the text 'seasons', expected seasonal, deviation or block_bootstrap; did you mean 'seasonal'?",
    ),
    (
        "a negative weight",
        add("importance: {income: -1}\n"),
        ":11: importance.income: found the number -1, expected 0 or more",
    ),
    (
        "a weight for no column",
        add("importance: {incme: 1}\n"),
        ":11: importance.incme: no such column is declared under columns; did you mean 'income'?",
    ),
    (
        "weights of nothing",
        add("importance: {income: 0}\n"),
        ":11: importance: every weight is 0, so the drift score would have no columns",
    ),
    ("yes for retired", add("retired: yes\n"), ":11: retired: found the text 'yes', expected true or false"),
    (
        "a text for the former names",
        add("formerly: old\n"),
        ":11: formerly: found the text 'old', expected a list, such as [old]",
    ),
    (
        "a former name that is the present one",
        add("formerly: [loans]\n"),
        ":11: formerly[0]: 'loans' is the model's present name; remove it here",
    ),
    ("a former name twice", add("formerly: [a, a]\n"), ":11: formerly[1]: 'a' is listed twice"),
    (
        "a former name with a space",
        add("formerly: [a b]\n"),
        ":11: formerly[0]: 'a b' is not a model name; use up to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit",
    ),
    (
        "the prediction protected",
        swap("[sex]", "[decision]"),
        ":9: columns.protected[0]: column 'decision' is already declared as prediction; remove it here",
    ),
    (
        "the label among the features",
        swap("[income, age]", "[income, defaulted]"),
        ":8: columns.features[1]: column 'defaulted' is already declared as label; remove it here",
    ),
    (
        "the prediction among the features with kinds",
        swap("[income, age]", "{decision: numeric}"),
        ":8: columns.features.decision: column 'decision' is already declared as prediction; remove it here",
    ),
    (
        "the prediction as the label",
        swap("label: defaulted", "label: decision"),
        ":7: columns.label: column 'decision' is already declared as prediction; a column has one role",
    ),
    (
        "segments by the timestamp",
        swap("[channel]", "[at]"),
        ":10: columns.segments[0]: column 'at' is already declared as timestamp; remove it here",
    ),
    (
        "a feature twice",
        swap("[income, age]", "[income, income]"),
        ":8: columns.features[1]: column 'income' is listed twice",
    ),
    (
        "a horizon without label",
        swap("  label: defaulted\n", "") + "label_horizon: 30d\n",
        ":10: label_horizon: there is no columns.label that could arrive; declare it or remove this",
    ),
    (
        "a positive label without label",
        swap("  label: defaulted\n", "") + "label_positive: 1\n",
        ":10: label_positive: there is no columns.label that it could speak of; declare it or remove this",
    ),
    (
        "a regression with a positive class",
        swap("binary", "regression") + "positive: 1\n",
        ":11: positive: a regression predicts numbers, so none of them means selected; remove this",
    ),
    (
        "a misspelt time zone",
        source("{kind: parquet, path: x, timezone: Europe/Berln}"),
        ":3: source.timezone: 'Europe/Berln' is not a time zone; did you mean 'Europe/Berlin'?",
    ),
    (
        "an unknown time zone",
        source("{kind: parquet, path: x, timezone: Mars}"),
        ":3: source.timezone: 'Mars' is not a time zone; write one such as UTC or Europe/Berlin",
    ),
    (
        "a delimiter in letters",
        source("{kind: csv, path: x, delimiter: tab}"),
        ":3: source.delimiter: 'tab' is too long; at most one character",
    ),
    (
        "a quotation mark for a delimiter",
        source("{kind: csv, path: x, delimiter: '\"'}"),
        ":3: source.delimiter: '\"' cannot part fields; write a character such as ',', ';' or '|'",
    ),
    (
        "neither table nor query",
        source('{kind: sql, url: "sqlite:///x.db"}'),
        ":3: source: neither table nor query is written; write one of them",
    ),
    (
        "both table and query",
        source('{kind: sql, url: "sqlite:///x.db", table: t, query: SELECT 1}'),
        ":3: source: both table and query are written; write one of them",
    ),
    (
        "too many days to count",
        source('{kind: sql, url: "sqlite:///x.db", table: t, late_days: 90}'),
        ":3: source.late_days: found the number 90, expected 30 or less",
    ),
    (
        "a URL that is none",
        source("{kind: sql, url: loans, table: t}"),
        ":3: source.url: not a database URL; write, for example, postgresql://$USER:$PASSWORD@host/database",
    ),
    (
        "a variable that is not set",
        source('{kind: sql, url: "postgresql://u:${LOANS_PASSWORD}@h/d", table: t}'),
        ":3: source.url: $LOANS_PASSWORD is not set in the environment; set it, or write $$ for a dollar sign",
    ),
    (
        "a variable in a path that is not set",
        source('{kind: parquet, path: "$LOANS_FOLDER/*.parquet"}'),
        ":3: source.path: $LOANS_FOLDER is not set in the environment; set it, or write $$ for a dollar sign",
    ),
    (
        "a score for each class of two",
        swap("  label: defaulted", "  label: defaulted\n  class_scores: {0: no, 1: yes}"),
        ":8: columns.class_scores: only a multiclass model scores each class, and this one is binary; remove this, or write score",
    ),
    (
        "a score for one class",
        swap("  label: defaulted", "  label: defaulted\n  class_scores: {cat: p_cat}").replace("binary", "multiclass"),
        ":8: columns.class_scores: found 1, expected a column for each of 2 to 100 classes",
    ),
    (
        "one column for two classes",
        swap("  label: defaulted", "  label: defaulted\n  class_scores: {cat: p, dog: p}").replace(
            "binary", "multiclass"
        ),
        ":8: columns.class_scores.dog: column 'p' is already declared as class_scores; a column has one role",
    ),
    (
        "a class's score among the features",
        swap("  label: defaulted", "  label: defaulted\n  class_scores: {cat: age, dog: p}").replace(
            "binary", "multiclass"
        ),
        ":9: columns.features[1]: column 'age' is already declared as class_scores; remove it here",
    ),
    (
        "an interval of a class",
        swap("  label: defaulted", "  label: defaulted\n  lower: low"),
        ":8: columns.lower: only a regression predicts an interval, and this model is binary; remove this",
    ),
    (
        "half an interval",
        swap("  label: defaulted", "  label: defaulted\n  upper: high").replace("binary", "regression"),
        ":8: columns.upper: an interval has two ends; declare lower too, or remove this",
    ),
]

IN_THE_SETTINGS = [
    ("a list instead of settings", "- a\n", ":1: found a list, expected a mapping of keys to values"),
    ("a misspelt setting", "modls: x\n", ":1: modls: unknown key; did you mean 'models'?"),
    (
        "the root as a setting",
        "root: /x\n",
        ":1: root: unknown key; did you mean 'routes'?",
    ),
    (
        "a setting near to none",
        "zzz: 1\n",
        ":1: zzz: unknown key; known are audit, calendars, channels, dagster_url, database_url, encrypt_rows, lake_url, logs, models, notices, oidc, outbox, retention, routes, rules and silences",
    ),
    (
        "an address of Dagster that is none",
        "dagster_url: localhost\n",
        ":1: dagster_url: 'localhost' is not a web address; write https://host/path, without a password",
    ),
    ("a number for a folder", "models: 5\n", ":1: models: found the number 5, expected a text; put it in quotes"),
    (
        "a folder that does not exist",
        "models: nowhere\n",
        ":1: models: the folder 'nowhere' of the model files does not exist; make it, or name another",
    ),
    (
        "a file for a folder",
        "models: aimon.yaml\n",
        ":1: models: the folder 'aimon.yaml' of the model files cannot be read (not a directory); make it, or name another",
    ),
    (
        "a folder with an endless name",
        "models: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
        ":1: models: the folder 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' of the model files cannot be read (file name too long); make it, or name another",
    ),
    ("an empty lake", 'lake_url: ""\n', ":1: lake_url: found an empty text; write something or remove the key"),
    (
        "a variable in a setting",
        "lake_url: $HOME/lake\n",
        ":1: lake_url: $NAME is not replaced in aimon.yaml; set the key's own AIMON_ variable instead",
    ),
    (
        "a path instead of a database",
        "database_url: storage/aimon.db\n",
        ":1: database_url: not a database URL; write sqlite:///storage/aimon.db or postgresql://user@host/name",
    ),
    (
        "an unsupported database",
        "database_url: mysql://h/d\n",
        ":1: database_url: the database 'mysql://' is not supported; write sqlite:///storage/aimon.db or postgresql://user@host/name",
    ),
    (
        "a database without a file",
        'database_url: "sqlite://"\n',
        ":1: database_url: not a database URL; write sqlite:///storage/aimon.db or postgresql://user@host/name",
    ),
    (
        "a provider that is not encrypted",
        "oidc: {issuer: http://login.example.org, client_id: a, redirect_url: http://localhost:8000/api/v1/auth/oidc/callback, roles: {admin: [a]}}\n",
        ":1: oidc.issuer: 'http://login.example.org' is not an address that is encrypted; write https://host/path",
    ),
    (
        "a way back that is none",
        "oidc: {issuer: https://login.example.org, client_id: a, redirect_url: https://here, roles: {admin: [a]}}\n",
        ":1: oidc.redirect_url: people come back at /api/v1/auth/oidc/callback; write https://this-service/api/v1/auth/oidc/callback",
    ),
    (
        "a secret of a provider in the file",
        "oidc: {issuer: https://login.example.org, client_id: a, client_secret: abc, redirect_url: https://here/api/v1/auth/oidc/callback, roles: {admin: [a]}}\n",
        ":1: oidc.client_secret: secrets are not written here; write the name of the variable that holds it, such as $SLACK_URL",
    ),
    (
        "a word for a truth value",
        "encrypt_rows: rows\n",
        ":1: encrypt_rows: found the text 'rows', expected true or false",
    ),
    (
        "a text for the retention",
        "retention: 90d\n",
        ":1: retention: found the text '90d', expected a mapping such as {predictions: 90d}",
    ),
    (
        "a misspelt retention",
        "retention: {prediction: 90d}\n",
        ":1: retention.prediction: unknown key; did you mean 'predictions'?",
    ),
    (
        "a retention without unit",
        "retention: {predictions: 90}\n",
        ":1: retention.predictions: the number 90 is not a span of time; write a number and a unit, such as 30d, 6h or 15m",
    ),
    (
        "a retention of hours",
        "retention: {predictions: 12h}\n",
        ":1: retention.predictions: a day is the least that can be kept; write 1d or more",
    ),
    (
        "a text for a channel",
        "channels: {team: slack}\n",
        ":1: channels.team: found the text 'slack', expected a mapping such as {kind: slack, url: $SLACK_URL}",
    ),
    (
        "a channel without kind",
        "channels: {team: {url: $SLACK_URL}}\n",
        ":1: channels.team.kind: missing; write file, slack, email, pagerduty, teams, webhook, alertmanager or apprise",
    ),
    (
        "a secret in the file",
        "channels: {team: {kind: slack, url: https://hooks.slack.com/services/T0/B0/x}}\n",
        ":1: channels.team.url: secrets are not written here; write the name of the variable that holds it, such as $SLACK_URL",
    ),
    (
        "a secret whose variable is not set",
        "channels: {team: {kind: slack, url: $SLACK_URL}}\n",
        ":1: channels.team.url: $SLACK_URL is not set in the environment; set it",
    ),
    (
        "a channel with a name that is none",
        'channels: {"the team": {kind: file}}\n',
        ":1: channels.\"the team\": 'the team' is not a channel name; use up to 40 letters, digits, '_' and '-'",
    ),
    (
        "a webhook without address",
        "channels: {hook: {kind: webhook, url: example.org, secret: $HOOK}}\n",
        ":1: channels.hook.url: 'example.org' is not a web address; write https://host/path, without a password",
    ),
    (
        "a port in words",
        "channels: {mail: {kind: email, host: h, port: smtp, from: a@b, to: [c@d]}}\n",
        ":1: channels.mail.port: found the text 'smtp', expected a whole number",
    ),
    (
        "a port beyond the last",
        "channels: {mail: {kind: email, host: h, port: 70000, from: a@b, to: [c@d]}}\n",
        ":1: channels.mail.port: found the number 70000, expected 65535 or less",
    ),
    (
        "mail to nobody",
        "channels: {mail: {kind: email, host: h, from: a@b, to: []}}\n",
        ":1: channels.mail.to: found an empty list; write at least one",
    ),
    (
        "mail to no address",
        "channels: {mail: {kind: email, host: h, from: a@b, to: [ann]}}\n",
        ":1: channels.mail.to[0]: 'ann' is not an address; write one such as ml-team@example.org",
    ),
    (
        "a password in the open",
        "channels: {mail: {kind: email, host: h, security: none, username: $U, password: $P, from: a@b, to: [c@d]}}\n",
        ":1: channels.mail: a password is not sent over a connection that anybody can read; use starttls or tls",
    ),
    (
        "a password without name",
        "channels: {mail: {kind: email, host: h, password: $P, from: a@b, to: [c@d]}}\n",
        ":1: channels.mail: username and password belong together; write both or neither",
    ),
    (
        "an encryption that is none",
        "channels: {mail: {kind: email, host: h, security: ssl, from: a@b, to: [c@d]}}\n",
        ":1: channels.mail.security: found the text 'ssl', expected starttls, tls or none",
    ),
    (
        "a route to nowhere",
        "channels: {team: {kind: file}}\nroutes:\n  - {to: teem}\n",
        ":3: routes[0].to[0]: no channel is called 'teem'; did you mean 'team'?",
    ),
    (
        "an escalation to nobody",
        "routes:\n  - {to: file, escalate_after: 2h}\n",
        ":2: routes[0]: an escalation needs both a time and channels; add escalate_to, the channels that are told",
    ),
    (
        "an escalation at no time",
        "routes:\n  - {to: file, escalate_to: file}\n",
        ":2: routes[0]: an escalation needs both a time and channels; add escalate_after, such as 2h",
    ),
    (
        "an escalation to a channel that nobody declared",
        "routes:\n  - {to: file, escalate_after: 2h, escalate_to: pager}\n",
        ":2: routes[0].escalate_to[0]: no channel is called 'pager'; known are file",
    ),
    (
        "a runbook of a misspelt family",
        "notices:\n  runbooks: {drft: https://wiki.example.org}\n",
        ":2: notices.runbooks.drft: found the text 'drft', expected drift, quality, fairness, performance, estimate, operations, privacy, run or silence; did you mean 'drift'?",
    ),
    (
        "a route without target",
        "routes:\n  - {when: {}}\n",
        ":2: routes[0].to: missing; it says which channels they go to; an empty list: none",
    ),
    (
        "a misspelt severity",
        "routes:\n  - {when: {severity: critcal}, to: file}\n",
        ":2: routes[0].when.severity[0]: found the text 'critcal', expected info, warning or critical; did you mean 'critical'?",
    ),
    (
        "a family that is none",
        "routes:\n  - {when: {family: [drift, fairnes]}, to: file}\n",
        ":2: routes[0].when.family[1]: found the text 'fairnes', expected drift, quality, fairness, performance, estimate, operations, privacy, run or silence; did you mean 'fairness'?",
    ),
    (
        "hours of no calendar",
        "calendars: {business: {from: 09:00}}\nroutes:\n  - {when: {time: not busines}, to: file}\n",
        ":3: routes[0].when.time: no calendar is called 'busines'; did you mean 'business'?",
    ),
    (
        "quiet hours of no calendar",
        "notices: {quiet: night}\n",
        ":1: notices.quiet: no calendar is called 'night'; there are none",
    ),
    (
        "a time of no day",
        'calendars: {night: {from: "25:00"}}\n',
        ":1: calendars.night.from: '25:00' is not a time of the day; write hours and minutes, such as 09:00",
    ),
    (
        "hours that are none",
        "calendars: {night: {from: 09:00, to: 09:00}}\n",
        ":1: calendars.night: from 09:00 to 09:00 is no time at all; leave both out for the whole day",
    ),
    (
        "a weekday in full",
        "calendars: {night: {days: [monday]}}\n",
        ":1: calendars.night.days[0]: found the text 'monday', expected mon, tue, wed, thu, fri, sat or sun; did you mean 'mon'?",
    ),
    (
        "a silence of everything",
        "silences:\n  - {when: {}, until: 2026-12-01, reason: r, author: ann}\n",
        ":2: silences[0]: when names nothing, so every notice would be held back; name at least a model",
    ),
    (
        "a silence that ends before it begins",
        "silences:\n  - {when: {model: m}, from: 2026-12-02, until: 2026-12-01, reason: r, author: ann}\n",
        ":2: silences[0]: from 2026-12-02T00:00:00Z is not before until 2026-12-01T00:00:00Z; swap them",
    ),
    (
        "a silence until whenever",
        "silences:\n  - {when: {model: m}, until: tomorrow, reason: r, author: ann}\n",
        ":2: silences[0].until: the text 'tomorrow' is not an instant; write one such as 2026-12-01T08:00:00Z or 2026-12-01",
    ),
    (
        "a silence without reason",
        "silences:\n  - {when: {model: m}, until: 2026-12-01, author: ann}\n",
        ":2: silences[0].reason: missing; it says why nobody needs to hear of it",
    ),
    (
        "a setting written twice",
        "lake_url: a\nlake_url: b\n",
        ":2: lake_url: this key is written twice; it stands on line 1 already",
    ),
]

IN_A_VARIABLE = [
    (
        "a bad span in a variable",
        "AIMON_RETENTION__PREDICTIONS",
        "90 days",
        "AIMON_RETENTION__PREDICTIONS: the text '90 days' is not a span of time; write a number and a unit, such as 30d, 6h or 15m",
    ),
    (
        "a misspelt variable",
        "AIMON_DATABSE_URL",
        "x",
        "AIMON_DATABSE_URL: no setting has this name; did you mean AIMON_DATABASE_URL?",
    ),
    (
        "a misspelt variable of a section",
        "AIMON_RETENTION__PREDICTION",
        "9d",
        "AIMON_RETENTION__PREDICTION: no setting has this name; did you mean AIMON_RETENTION__PREDICTIONS?",
    ),
    (
        "a section as a variable",
        "AIMON_RETENTION",
        "9d",
        "AIMON_RETENTION: no setting has this name; did you mean AIMON_RETENTION__SAMPLES?",
    ),
    (
        "an unsupported database in a variable",
        "AIMON_DATABASE_URL",
        "oracle://x/y",
        "AIMON_DATABASE_URL: the database 'oracle://' is not supported; write sqlite:///storage/aimon.db or postgresql://user@host/name",
    ),
    (
        "a folder in a variable that does not exist",
        "AIMON_MODELS",
        "gone",
        "AIMON_MODELS: the folder 'gone' of the model files does not exist; make it, or name another",
    ),
]


def sentences(root, environment):
    with pytest.raises(ConfigError) as caught:
        load_project(root, metrics=METRICS, environment=environment)
    assert str(caught.value) == "\n".join(str(mistake) for mistake in caught.value.mistakes)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(("text", "sentence"), [pytest.param(*case, id=name) for name, *case in IN_A_MODEL_FILE])
def test_a_mistake_in_a_model_file_gets_one_sentence_with_file_key_and_line(make_project, text, sentence):
    assert sentences(make_project(loans=text), {}) == [f"models/loans.yaml{sentence}"]


@pytest.mark.parametrize(("text", "sentence"), [pytest.param(*case, id=name) for name, *case in IN_THE_SETTINGS])
def test_a_mistake_in_the_settings_gets_one_sentence_with_file_key_and_line(make_project, text, sentence):
    assert sentences(make_project(text), {}) == [f"aimon.yaml{sentence}"]


@pytest.mark.parametrize(("name", "value", "sentence"), [pytest.param(*case, id=name) for name, *case in IN_A_VARIABLE])
def test_a_mistake_in_a_variable_gets_one_sentence_that_names_the_variable(make_project, name, value, sentence):
    assert sentences(make_project(), {name: value}) == [f"environment: {sentence}"]


def test_the_table_is_long_enough_to_be_worth_its_name():
    assert len(IN_A_MODEL_FILE) + len(IN_THE_SETTINGS) + len(IN_A_VARIABLE) >= 140
