"""Preference pairs as Python writes them, for apolab to read: the paper's columns by `datasets`, every codec of Parquet by
pyarrow, and CSV and JSONL by `datasets`. pair-files.json describes the content of each file.
"""

import datetime
import random

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
from provenance import FOLDER, provenance, write_golden

SEED = 6
ROWS = 24
OUT = FOLDER / "pair-files"
# Texts that are difficult for files: combining marks, right-to-left scripts, characters similar to line ends, quotes.
PIECES = [
    "apple", "pear ", " coins", "\n", "\r\n", "\t", ",", ";", '"', "'", "\\", "\u2028", "\u0085", "\u0001", "\ufeff", "😀", "👩‍👩‍👧",
    "e\u0301", "नमस्ते", "مرحبا", "שלום", "東京", "\U0010ffff", "{", "[", "]", "}", "null", "007", "1.0", "12345678901234567890",
]  # fmt: skip


def make_rows():
    draw = random.Random(SEED)

    def text():
        return "t" + "".join(draw.choice(PIECES) for _ in range(draw.randint(1, 8)))

    return [
        {"prompt": text(), "chosen": f"{text()} yes", "rejected": f"{text()} no", "rational": text() if row % 3 else None}
        for row in range(ROWS)
    ]


def messages(prompt, answer):
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]


def paper_columns(rows):
    """The columns of the authors' datasets on the Hub."""
    return [
        {**row, "chosen": messages(row["prompt"], row["chosen"]), "rejected": messages(row["prompt"], row["rejected"])}
        for row in rows
    ]


def extras(row):
    """Additional columns, of the types that tables have."""
    return {
        "id": 2**62 + row,
        "small": row - 3,
        "weight": row / 7,
        "flag": row % 2 == 0,
        "when": datetime.datetime(2024, 2, 29, 12, 0, row, 500_000),
        "tags": ["a", "", "é"][: row % 4],
        "nested": {"turn": row, "note": None if row % 2 else "n"},
        "nothing": None,
        "sometimes": None if row % 2 else f"s{row}",
    }


MESSAGES = pa.list_(pa.struct([("content", pa.string()), ("role", pa.string())]))
SCHEMA = pa.schema(
    [
        ("prompt", pa.string()),
        # `content` before `role`, as in older tables.
        ("chosen", MESSAGES),
        ("rejected", MESSAGES),
        ("rational", pa.large_string()),
        ("id", pa.int64()),
        ("small", pa.int32()),
        ("weight", pa.float64()),
        ("flag", pa.bool_()),
        ("when", pa.timestamp("us")),
        ("tags", pa.list_(pa.string())),
        ("nested", pa.struct([("turn", pa.int64()), ("note", pa.string())])),
        ("nothing", pa.string()),
        ("sometimes", pa.string()),
    ]
)
# The codec, and other settings of the layout: row groups, pages and dictionaries.
LAYOUTS = {
    "none": {"row_group_size": ROWS},
    "snappy": {"row_group_size": 7, "write_page_index": True},
    "gzip": {"row_group_size": 10, "use_dictionary": False},
    "brotli": {"row_group_size": 24, "data_page_version": "2.0"},
    "zstd": {"row_group_size": 5, "write_page_index": True, "data_page_size": 64},
    "lz4": {"row_group_size": 6, "version": "1.0"},
}


def main():
    datasets.disable_progress_bars()
    OUT.mkdir(exist_ok=True)
    rows = make_rows()
    paper = paper_columns(rows)
    datasets.Dataset.from_list(paper).to_parquet(OUT / "paper.parquet")
    table = pa.Table.from_pylist([{**row, **extras(number)} for number, row in enumerate(paper)], schema=SCHEMA)
    for codec, layout in LAYOUTS.items():
        pq.write_table(table, OUT / f"{codec}.parquet", compression=codec, **layout)
    plain = datasets.Dataset.from_list([{**row, "score_chosen": 7.5, "score_rejected": 3.0} for row in rows])
    plain.to_csv(OUT / "plain.csv")
    plain.to_json(OUT / "plain.jsonl", force_ascii=False)
    write_golden(
        "pair-files.json",
        {
            **provenance("pair_files.py", ["datasets", "pyarrow", "pandas"], SEED, "text"),
            "rows": rows,
            "scores": {"chosen": 7.5, "rejected": 3.0},
            # A JSON number would round the ids, and JSON has no dates.
            "extras": [
                {**extra, "id": str(extra["id"]), "when": extra["when"].isoformat(timespec="milliseconds") + "Z"}
                for extra in map(extras, range(ROWS))
            ],
        },
    )


if __name__ == "__main__":
    main()
