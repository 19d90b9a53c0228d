"""Token-set Jaccard and edit distance of pairs, by the textbook's definitions and dynamic programme."""

import random

from pairs import PAIRS
from provenance import provenance, write_golden

SEED = 11
BEYOND_ASCII = [
    ("?", "caf\u00e9 \U0001f600 ok", "cafe \U0001f601 ok"),
    ("?", "\u6771\u4eac \u306b \u884c\u304f", "\u4eac\u90fd \u306b \u884c\u304f"),
    ("?", "  tabs\tand\nlines  ", "tabs and lines"),
    ("?", "", "one"),
]


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def measure(pair):
    prompt, chosen, rejected = pair
    words = [set(chosen.split()), set(rejected.split())]
    return {
        "pair": {"prompt": prompt, "chosen": chosen, "rejected": rejected},
        "jaccard": len(words[0] & words[1]) / len(words[0] | words[1]),
        "levenshtein": levenshtein(chosen, rejected),
        "chosenTokens": len(chosen.split()),
        "rejectedTokens": len(rejected.split()),
        "chosenCharacters": len(chosen),
        "rejectedCharacters": len(rejected),
    }


def random_pairs(count):
    """Long enough (over 32 characters) for the bit-parallel algorithm to need several words of bits."""
    draw = random.Random(SEED)

    def text():
        return " ".join(draw.choice(["ab", "abc", "b", "cab", "da"]) for _ in range(draw.randint(1, 60)))

    return [("?", text(), text()) for _ in range(count)]


def main():
    measured = [measure(pair) for pair in [*PAIRS, *BEYOND_ASCII, *random_pairs(12)]]
    fields = [field for field in measured[0] if field != "pair"]
    means = {field: sum(one[field] for one in measured) / len(measured) for field in fields}
    content = provenance("contrastiveness.py", [], SEED, "float64")
    write_golden("contrastiveness.json", {**content, "mean": means, "pairs": measured})


if __name__ == "__main__":
    main()
