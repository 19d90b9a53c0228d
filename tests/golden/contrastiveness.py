"""Contrastiveness of 1,000 pairs of texts of many kinds, by the definitions and with other algorithms than apolab's.

Levenshtein is the usual dynamic programme over code points, row by row in NumPy; Jaccard is computed from the sets of Python's
`str.split()` and of the `tokenizers` library; intervals are SciPy's. Texts and values are in contrastiveness-pairs.jsonl, line by
line (as counts, not quotients, so that no digit depends on a division); the values of the set are in contrastiveness.json.
"""

import json
import random
import re

import numpy
from pairs import PAIRS
from provenance import FOLDER, provenance, write_golden
from scipy import stats
from tokenizers import Tokenizer

SEED = 11
COUNT = 1000
TOKENIZERS = ("qwen", "mistral")

WORDS = "the a is it so and of to answer because light water seven eight red green not only then there 3 4 12 3.5".split()
SENTENCES = "Sure, here is why. No: that is wrong! Let me see... It's 42, isn't it? - First; second.".split(" ")
SCRIPTS = [
    "东京在日本是一个大城市因为人很多",
    "これは日本語のテキストです。カタカナ",
    "안녕하세요 세계 한국어",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "مرحبا بالعالم هذا نص عربي طويل",
    "שלום עולם זה טקסט",
    "नमस्ते दुनिया यह हिन्दी है",
    "สวัสดีชาวโลก นี่คือข้อความ",
    "Привет, мир! Это текст",
    "Ελληνικά κείμενο για όλους",
    "größer naïve café déjà İstanbul ſtraße ǅ ﬁ",
    "e\u0301 a\u0308\u0304 o\u0302\u0323 n\u0303",
    "😀😃🙂👍🏽👩\u200d🚀👨\u200d👩\u200d👧🇫🇷🇯🇵❤\ufe0f",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚𝟛 𠀀𠀁 𐍈",
    "½ ² ³ ① Ⅷ ∑ ∫ √ ≠ → €",
]
# What Python's str.split() splits at, and similar characters that it does not split at: U+FEFF (JavaScript's \s has it), U+180E, U+200B, U+2060.
SPACES = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000 and chr(code).isspace()]
NO_SPACES = ["\ufeff", "\u180e", "\u200b", "\u2060", "\x00", "\x08", "\x1b"]
SURROGATES = ["\ud83d", "\ude00", "\udfff", "\ud800"]


def words(draw, least, most):
    return " ".join(draw.choice(WORDS) for _ in range(draw.randint(least, most)))


def prose(draw):
    return " ".join(draw.choice([*WORDS, *SENTENCES]) for _ in range(draw.randint(1, 40)))


def mixed(draw):
    parts = [draw.choice(SCRIPTS) for _ in range(draw.randint(1, 3))]
    cut = [part[draw.randint(0, len(part) - 1) :][: draw.randint(1, 12)] for part in parts]
    return draw.choice(["", " ", "\n", ", "]).join(cut)


def spaced(draw):
    return "".join(draw.choice([draw.choice(WORDS), draw.choice(SPACES), draw.choice(NO_SPACES)]) for _ in range(draw.randint(0, 24)))


def letters(draw):
    """A text of few letters, so that many alignments are nearly optimal."""
    return "".join(draw.choice("abc ") for _ in range(draw.randint(0, 90)))


def broken(draw):
    """Lone halves of surrogate pairs, which JSON can contain but UTF-8 cannot."""
    return "".join(draw.choice([*SURROGATES, "a", "b ", "😀", "\U0001f601"]) for _ in range(draw.randint(1, 16)))


KINDS = (prose, mixed, spaced, letters, lambda draw: words(draw, 1, 60), broken)


def revised(draw, text, make):
    """The text with some parts deleted, inserted, replaced or moved."""
    for _ in range(draw.randint(0, 4)):
        start = draw.randint(0, len(text))
        end = min(len(text), start + draw.choice([0, 1, 1, 3, 12]))
        insert = draw.choice(["", "x", " ", make(draw)[: draw.randint(0, 20)], text[end : end + 8]])
        text = text[:start] + insert + text[end:]
    return text


def joined(text):
    """Joins two halves that became adjacent, because in JSON they are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def make_pairs():
    draw = random.Random(SEED)
    pairs = [(chosen, rejected) for _, chosen, rejected in PAIRS]
    pairs += [("", ""), ("", "one"), ("one", ""), ("\ufeffone", "one"), ("a\x1cb\x85c", "a b c"), ("😀", "😁"), ("\ud83d😀", "\ud83d\ude01")]
    # As long as real answers; half of them unrelated, half of them revised.
    long = " ".join(draw.choice([*WORDS, *SENTENCES]) for _ in range(480))
    for index in range(16):
        other = " ".join(draw.choice([*WORDS, *SENTENCES]) for _ in range(480))[: draw.choice([1000, 2000])]
        pairs.append((long[:2000], other) if index % 2 else (other, revised(draw, other, prose)))
    while len(pairs) < COUNT:
        make = draw.choice(KINDS)
        text = make(draw)
        pairs.append((text, draw.choice([revised(draw, text, make), make(draw)])))
    return [(joined(chosen), joined(rejected)) for chosen, rejected in pairs]


def levenshtein(a, b):
    points = numpy.array([ord(character) for character in b], dtype=numpy.int64)
    places = numpy.arange(len(b) + 1)
    row = places.copy()
    for count, character in enumerate(a, 1):
        above = numpy.minimum(row[1:] + 1, row[:-1] + (points != ord(character)))
        # Insertions run along the row: the best earlier position, plus 1 per position in between.
        row = numpy.minimum.accumulate(numpy.concatenate(([count], above)) - places) + places
    return int(row[-1])


def shared_beginning(a, b):
    count = 0
    for one, other in zip(a, b):
        if one != other:
            break
        count += 1
    return count


def of_tokens(chosen, rejected):
    """Shared tokens and all tokens, as sets; tokens of each response; length of the common prefix in tokens."""
    sets = set(chosen), set(rejected)
    return [len(sets[0] & sets[1]), len(sets[0] | sets[1]), len(chosen), len(rejected), shared_beginning(chosen, rejected)]


def is_whole(text):
    return re.search("[\ud800-\udfff]", text) is None


def measure(chosen, rejected, tokenizers):
    row = {
        "chosen": chosen,
        "rejected": rejected,
        # Edits, characters of each response, length of the common prefix in characters.
        "characters": [levenshtein(chosen, rejected), len(chosen), len(rejected), shared_beginning(chosen, rejected)],
        "whitespace": of_tokens(chosen.split(), rejected.split()),
    }
    for name, tokenizer in tokenizers.items():
        if is_whole(chosen + rejected):
            ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in (chosen, rejected)]
            row[name] = of_tokens(*ids)
    return row


def ratio(part, whole):
    return 1.0 if whole == 0 else part / whole


def values_of(row):
    edits, chosen, rejected, beginning = row["characters"]
    shared, everything, chosen_tokens, rejected_tokens, beginning_tokens = row["whitespace"]
    values = {
        "jaccard": ratio(shared, everything),
        "levenshtein": edits,
        "chosenTokens": chosen_tokens,
        "rejectedTokens": rejected_tokens,
        "chosenCharacters": chosen,
        "rejectedCharacters": rejected,
        "lengthDifference": chosen - rejected,
        "prefixCharacters": ratio(beginning, max(chosen, rejected)),
        "prefixTokens": ratio(beginning_tokens, max(chosen_tokens, rejected_tokens)),
    }
    return values if rejected == 0 else {**values, "lengthRatio": chosen / rejected}


def summarise(values):
    values = numpy.sort(numpy.array(values, dtype=numpy.float64))
    count = len(values)
    low, high = stats.t.interval(0.95, count - 1, loc=values.mean(), scale=stats.sem(values))
    # The largest rank with at most 2.5 % below it.
    rank = int(stats.binom.ppf(0.025, count, 0.5))
    while stats.binom.cdf(rank - 1, count, 0.5) > 0.025:
        rank -= 1
    return {
        "count": count,
        "mean": float(values.mean()),
        "interval": {"low": float(low), "high": float(high)},
        "median": float(numpy.median(values)),
        "medianInterval": {"low": float(values[rank - 1]), "high": float(values[count - rank])} if rank > 0 else None,
        "least": float(values[0]),
        "most": float(values[-1]),
    }


def summaries(rows):
    each = [values_of(row) for row in rows]
    names = sorted({name for values in each for name in values})
    return {name: summarise([values[name] for values in each if name in values]) for name in names}


def main():
    tokenizers = {name: Tokenizer.from_file(str(FOLDER / "tokenizers" / name / "tokenizer.json")) for name in TOKENIZERS}
    rows = [measure(chosen, rejected, tokenizers) for chosen, rejected in make_pairs()]
    # Texts are written unescaped, to be readable and small, except characters that UTF-8 cannot carry.
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows]
    escaped = re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", "".join(lines))
    (FOLDER / "contrastiveness-pairs.jsonl").write_bytes(escaped.encode("utf-8"))
    content = provenance("contrastiveness.py", ["numpy", "scipy", "tokenizers"], SEED, "float64")
    sizes = (COUNT, 200, 7, 5)
    write_golden("contrastiveness.json", {**content, "sets": [{"pairs": size, "measures": summaries(rows[:size])} for size in sizes]})


if __name__ == "__main__":
    main()
