"""One conversion in Python, for convert.mjs: python convert.py datasets|pyarrow FROM TO

`datasets` loads and writes, as people use it; pyarrow streams batch by batch, as apolab does.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path


def by_datasets(source, target):
    import datasets

    datasets.disable_progress_bars()
    kind = {".jsonl": "json", ".parquet": "parquet"}[source.suffix]
    with tempfile.TemporaryDirectory(dir=target.parent) as cache:
        data = datasets.load_dataset(kind, data_files=str(source), split="train", cache_dir=cache)
        if target.suffix == ".parquet":
            data.to_parquet(target)
        else:
            data.to_json(target, force_ascii=False)
        return len(data)


def by_pyarrow(source, target):
    import pyarrow as pa
    import pyarrow.json as pj
    import pyarrow.parquet as pq

    rows = 0
    if source.suffix == ".jsonl":
        reader = pj.open_json(source, read_options=pj.ReadOptions(block_size=8 << 20))
        with pq.ParquetWriter(target, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
                rows += batch.num_rows
    else:
        with open(target, "w", encoding="utf-8") as out:
            for batch in pq.ParquetFile(source).iter_batches():
                for row in batch.to_pylist():
                    out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
                rows += batch.num_rows
    return rows


if __name__ == "__main__":
    how, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    convert = {"datasets": by_datasets, "pyarrow": by_pyarrow}[how]
    started = time.perf_counter()
    count = convert(source, target)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"pairs": count, "rejected": 0, "seconds": seconds, "peakBytes": peak}))
