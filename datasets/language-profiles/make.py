"""Writes profiles.json.gz from the profiles of PyPI's langdetect 1.0.9: `pip install langdetect==1.0.9 && python make.py`."""

import gzip
import json
from pathlib import Path

import langdetect
from langdetect.utils.ngram import NGram

folder = Path(langdetect.__file__).parent / "profiles"
languages = sorted(path.name for path in folder.iterdir() if path.is_file())
totals, grams = [], {}
for index, language in enumerate(languages):
    profile = json.loads((folder / language).read_text(encoding="utf-8"))
    totals.append(profile["n_words"])
    for gram, count in profile["freq"].items():
        grams.setdefault(gram, []).extend([index, count])

content = {
    "source": "langdetect 1.0.9 (Apache-2.0), made from Wikipedia's abstracts by Nakatani Shuyo",
    "languages": languages,
    # Number of all 1-, 2- and 3-grams of each language.
    "totals": totals,
    # Chinese characters that count as the first of their class.
    "classes": NGram.CJK_CLASS,
    # Each gram's counts: index of the language, count, index, count ...
    "grams": dict(sorted(grams.items())),
}
text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
Path(__file__).with_name("profiles.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
