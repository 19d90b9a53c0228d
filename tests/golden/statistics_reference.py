"""Numbers for tests/ablation/statistics.test.ts, from SciPy and NumPy.

    python tests/golden/statistics_reference.py      (needs numpy and scipy)
"""

import numpy
from provenance import provenance, write_golden
from scipy import stats

SEED = 7
PROMPTS, CHECKPOINTS, RESAMPLES = 300, 4, 20_000

random = numpy.random.default_rng(SEED)
base = random.random(PROMPTS) < 0.5
# Checkpoints answer as the base does except for a growing share, so that changes are paired as in a real run.
flips = [random.random(PROMPTS) < share for share in (0.05, 0.15, 0.2, 0.25)]
checkpoints = [numpy.where(flip, random.random(PROMPTS) < 0.8, base) for flip in flips]


def changes(places):
    scores = [100 * answers[places].mean() for answers in checkpoints]
    start = 100 * base[places].mean()
    return max(scores) - start, float(numpy.mean(scores)) - start


draws = numpy.array([changes(random.integers(0, PROMPTS, PROMPTS)) for _ in range(RESAMPLES)])
low, high = numpy.quantile(draws, [0.025, 0.975], axis=0)


def bits(answers):
    return "".join("1" if answer else "0" for answer in answers)


sample = [3.1, -0.4, 7.9, 2.2]
interval = stats.t.interval(0.95, len(sample) - 1, loc=numpy.mean(sample), scale=stats.sem(sample))

write_golden(
    "statistics.json",
    {
        **provenance("statistics_reference.py", ["numpy", "scipy"], SEED, "float64"),
        "studentQuantiles": [
            {"probability": p, "degrees": d, "t": float(stats.t.ppf(p, d))}
            for p in (0.95, 0.975, 0.995)
            for d in (1, 2, 3, 4, 5, 9, 10, 29, 30)
        ],
        "tInterval": {"sample": sample, "low": float(interval[0]), "high": float(interval[1])},
        "bootstrap": {
            "resamples": RESAMPLES,
            "base": bits(base),
            "checkpoints": [bits(answers) for answers in checkpoints],
            "max": {"low": float(low[0]), "high": float(high[0])},
            "mean": {"low": float(low[1]), "high": float(high[1])},
        },
    },
)
