"""What samples tell: estimates without labels, segments, root causes, change points, beside ADWIN and `ruptures`.

Every case is drawn from the seed: worlds whose rows shift or leave what the reference knows, planted segments among 50
columns, broken columns among innocent drift, daily series that change.
"""

from benchmarks.insight_cases import segment_figures
from benchmarks.insight_causes import cause_figures
from benchmarks.insight_multivariate import multivariate_figures
from benchmarks.insight_series import figures as series_figures
from benchmarks.measure import arguments, report


def main() -> None:
    given = arguments(__doc__ or "")
    quick, seed = given.quick, given.seed
    cases = 2 if quick else 20
    figures = {
        **series_figures(quick=quick, seed=seed),
        **segment_figures(seed, cases=cases, calm=2 if quick else 100),
        **cause_figures(seed, cases=cases),
        **multivariate_figures(seed, rounds=1 if quick else 3),
    }
    report("insight", figures)


if __name__ == "__main__":
    main()
