"""Checks that `datasets` loads what apolab writes, and that TRL trains on it unchanged: the other direction of pair_files.py.

Run after `npm run build`: python pairs_load_here.py. It writes pairs with the library (save_pairs_here.mjs) in every format
and form, loads them, compares every cell, and takes two steps with DPOTrainer and with KTOTrainer; it ends with an error at
the first difference. CSV holds conversations only as text, so only plain pairs of CSV files are trained on.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import datasets
import torch
from provenance import FOLDER
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer

torch.set_num_threads(1)
MODEL = FOLDER / "chat-llama"
LOADERS = {".jsonl": "json", ".parquet": "parquet", ".csv": "csv"}
TRAINERS = {"dpo": (DPOTrainer, DPOConfig), "kto": (KTOTrainer, KTOConfig)}


def load(place, scratch):
    cache = str(scratch / "cache")
    if place.is_dir():
        return datasets.load_dataset(str(place), split="train", cache_dir=cache)
    return datasets.load_dataset(LOADERS[place.suffix], data_files=str(place), split="train", cache_dir=cache)


def as_json(value):
    """A value whose type the format does not have is written as JSON text."""
    return json.loads(value) if isinstance(value, str) else value


def check_rows(place, found, expected, conversational):
    """Compares every cell with the pair that was written."""
    is_csv = place.suffix == ".csv"
    texts = as_json if is_csv and conversational else (lambda value: value)
    assert len(found) == len(expected), f"{place.name}: {len(found)} rows"
    for number, (row, pair) in enumerate(zip(found, expected)):
        where = f"{place.name}, row {number}"
        if conversational:
            prompt = pair.get("conversation", [{"role": "user", "content": pair["prompt"]}])
            answers = {key: [{"role": "assistant", "content": pair[key]}] for key in ("chosen", "rejected")}
        else:
            prompt, answers = pair["prompt"], {key: pair[key] for key in ("chosen", "rejected")}
        assert texts(row["prompt"]) == prompt, f"{where}: prompt {row['prompt']!r}, not {prompt!r}"
        for key, answer in answers.items():
            assert texts(row[key]) == answer, f"{where}: {key} {row[key]!r}, not {answer!r}"
        assert row["rationale"] == pair.get("rationale"), f"{where}: rationale {row['rationale']!r}"
        assert (row["score_chosen"], row["score_rejected"]) == (pair["scores"]["chosen"], pair["scores"]["rejected"]), where
        assert as_json(row["provenance"]) == pair["provenance"], f"{where}: {row['provenance']!r}"
        assert row["id"] == pair["columns"]["id"] and row["source"] == pair["columns"]["source"], where
        for key in ("sometimes", "history"):
            value = as_json(row[key]) if is_csv else row[key]
            assert value == pair["columns"].get(key), f"{where}: {key} {row[key]!r}"


def train(data, scratch):
    """Two steps of each trainer; the losses."""
    losses = {}
    for name, (trainer_class, config_class) in TRAINERS.items():
        config = config_class(
            output_dir=str(scratch / "run"),
            max_steps=2,
            per_device_train_batch_size=4,
            report_to=[],
            save_strategy="no",
            logging_steps=1,
            use_cpu=True,
            disable_tqdm=True,
            max_length=128,
        )
        trainer = trainer_class(
            model=AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32),
            args=config,
            train_dataset=data,
            processing_class=AutoTokenizer.from_pretrained(MODEL),
        )
        trainer.train()
        logged = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
        assert len(logged) == 2 and all(torch.isfinite(torch.tensor(logged))), f"{name}: {logged}"
        losses[name] = logged
    return losses


def check():
    """Writes, loads, compares and trains; returns how many files were loaded and how many trained on."""
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        subprocess.run(["node", str(FOLDER / "save_pairs_here.mjs"), str(scratch)], check=True)
        loaded = trained = 0
        for file in sorted(scratch.glob("*.expected.json")):
            expected = json.loads(file.read_text(encoding="utf-8"))
            name = file.name.removesuffix(".expected.json")
            conversational = name != "standard"
            losses = {}
            for suffix in (*LOADERS, ""):
                place = scratch / f"{name}{suffix}"
                data = load(place, scratch)
                check_rows(place, data, expected["rows"], conversational)
                loaded += 1
                if conversational and suffix == ".csv":
                    continue
                losses[place.name] = train(data, scratch)
                trained += 1
            # The same pairs give the same batches, from every file.
            first = next(iter(losses.values()))
            assert all(one == first for one in losses.values()), losses
        assert loaded == 12 and trained == 10, (loaded, trained)
        return loaded, trained


if __name__ == "__main__":
    count, used = check()
    print(f"{count} files load as they were written; DPOTrainer and KTOTrainer train on {used} of them as they are")
