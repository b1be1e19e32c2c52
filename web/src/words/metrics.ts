/** What each metric is called, and which are shares. Every metric of docs/reference/metrics.md is here; a test holds it to that. */

const SHARES = new Set([
  "missing_shift", "unseen_share", "out_of_range", "infinite_share",
  "unreadable_share", "empty_shift", "selection_rate", "tpr", "fpr", "fnr", "tnr", "ppv", "npv", "base_rate",
  "unknown_share", "labelled_share", "accuracy", "balanced_accuracy", "precision", "recall", "f1", "mape",
  "interval_coverage", "support_share", "estimated_accuracy", "estimated_precision",
  "estimated_recall", "estimated_f1", "estimate_coverage", "estimated_label_share", "data_fault", "refusal_rate",
  "error_rate", "low_confidence_rate",
]); // prettier-ignore

const COUNTS = new Set(["volume", "volume_forecast", "tokens", "count", "tn", "fp", "fn", "tp", "distinct_count"]);

const NAMES: Record<string, string> = {
  psi: "PSI", symmetric_chi2: "Symmetric chi-square", psi_forecast: "PSI a week ahead", volume_slope: "Rows more a day", volume_forecast: "Rows a week ahead", kl: "KL divergence", js: "Jensen-Shannon distance", hellinger: "Hellinger distance",
  wasserstein: "Wasserstein distance", ks: "Kolmogorov-Smirnov", chi2: "Cramér's V", total_variation: "Total variation",
  l_infinity: "Greatest shift of a share", class_shift: "Shift of classes", confidence_shift: "Shift of confidence",
  entropy_shift: "Shift of entropy", drift_score: "Drift score", domain_auc: "Rows told apart (AUC)",
  reconstruction_shift: "Shift of columns together", missing_shift: "More missing", unseen_share: "Never seen before",
  out_of_range: "Out of range", infinite_share: "Infinite", unreadable_share: "Unreadable", empty_shift: "More empty texts",
  distinct_count: "Different values", count: "Rows", selection_rate: "Selection rate", tpr: "True positive rate",
  fpr: "False positive rate", fnr: "False negative rate", tnr: "True negative rate", ppv: "Precision (PPV)", npv: "NPV",
  base_rate: "Base rate", calibration: "Calibration of a group",
  demographic_parity_difference: "Demographic parity difference", disparate_impact: "Disparate impact",
  equal_opportunity_difference: "Equal opportunity difference", fpr_difference: "False positive rate difference",
  equalized_odds_difference: "Equalized odds difference", predictive_parity_difference: "Predictive parity difference",
  calibration_difference: "Calibration difference",
  demographic_parity_difference_shift: "Change of demographic parity difference",
  disparate_impact_shift: "Change of disparate impact",
  equal_opportunity_difference_shift: "Change of equal opportunity difference",
  fpr_difference_shift: "Change of false positive rate difference",
  equalized_odds_difference_shift: "Change of equalized odds difference",
  predictive_parity_difference_shift: "Change of predictive parity difference",
  calibration_difference_shift: "Change of calibration difference", unknown_share: "Group unknown",
  demographic_parity_difference_bounds: "Demographic parity, groups unknown",
  disparate_impact_bounds: "Disparate impact, groups unknown", labelled_share: "Labelled rows", accuracy: "Accuracy",
  balanced_accuracy: "Balanced accuracy", precision: "Precision", recall: "Recall", f1: "F1", mcc: "Matthews correlation",
  roc_auc: "ROC AUC", average_precision: "Average precision", log_loss: "Log loss", brier: "Brier score",
  ece: "Calibration error", calibration_slope: "Calibration slope", calibration_intercept: "Calibration intercept",
  tn: "True negatives", fp: "False positives", fn: "False negatives", tp: "True positives", mae: "Mean absolute error",
  rmse: "Root mean squared error", median_absolute_error: "Median absolute error", mape: "Mean absolute percentage error",
  interval_coverage: "Labels inside their interval", bias: "Bias", r2: "R²", concept_drift: "Concept drift",
  ndcg: "NDCG", mrr: "Mean reciprocal rank", map: "Mean average precision", judge_score: "Judge's mark",
  judged_quality: "Judged quality", judge_agreement: "Agreement with the judge", support_share: "Rows the estimate knows",
  estimated_accuracy: "Estimated accuracy", estimated_precision: "Estimated precision", estimated_recall: "Estimated recall",
  estimated_f1: "Estimated F1", estimated_roc_auc: "Estimated ROC AUC", estimated_mae: "Estimated mean absolute error",
  estimated_rmse: "Estimated root mean squared error", estimate_coverage: "Estimates that held",
  estimated_label_share: "Estimated share of positive labels", data_fault: "Damaged values", root_cause: "Root cause",
  worst_segment: "Worst segment", change_point: "Change point", explanation_age: "Age of the explanation",
  refusal_rate: "Refusals", answer_words: "Words of an answer", volume: "Volume", error_rate: "Error rate",
  low_confidence_rate: "Unsure predictions", latency_p50: "Median latency", latency_p95: "p95 latency",
  latency_p99: "p99 latency", tokens: "Tokens", cost_usd: "Cost",
}; // prettier-ignore

export const KNOWN: readonly string[] = Object.keys(NAMES);

export function isShare(metric: string): boolean {
  return SHARES.has(metric);
}

export function isCount(metric: string): boolean {
  return COUNTS.has(metric);
}

/** A metric of one's own, or any other word of the service, by its own words: "my_metric" is "My metric". */
export function nameOf(metric: string): string {
  const known = NAMES[metric];
  if (known) return known;
  const words = metric.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
