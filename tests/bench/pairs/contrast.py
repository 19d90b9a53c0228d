"""The same pairs by rapidfuzz (Levenshtein) and Python's sets (Jaccard), on one core; prints processor time in seconds as JSON."""

import json
import sys
import time

import rapidfuzz
from rapidfuzz.distance import Levenshtein

with open(sys.argv[1], encoding="utf-8") as lines:
    pairs = [json.loads(line) for line in lines]


def jaccard(a, b):
    one, other = set(a.split()), set(b.split())
    return len(one & other) / len(one | other)


start = time.process_time()
edits = sum(Levenshtein.distance(pair["chosen"], pair["rejected"]) for pair in pairs)
middle = time.process_time()
shared = sum(jaccard(pair["chosen"], pair["rejected"]) for pair in pairs)
end = time.process_time()
json.dump(
    {
        "version": rapidfuzz.__version__,
        "levenshtein": middle - start,
        "measures": end - start,
        "meanLevenshtein": edits / len(pairs),
        "meanJaccard": shared / len(pairs),
    },
    sys.stdout,
)
