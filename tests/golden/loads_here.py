"""Checks that transformers and PEFT load what apolab saves: the other direction of architectures.py and lora.py.

Run after `npm run build`: python loads_here.py. It saves with the library (save_here.mjs), loads every folder, and
compares configurations, tokenizers, weights and logits; it ends with an error at the first difference.
"""

import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

import torch
from model import PROMPTS
from peft import PeftModel
from provenance import FOLDER
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

TOLERANCE = 1e-4
GGUF, TOKENIZERS = (json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("gguf.json", "tokenizers.json"))


@torch.no_grad()
def check_logits(model, folder, tolerance=TOLERANCE):
    expected = json.loads((folder / "logits.json").read_text(encoding="utf-8"))
    found = model.eval()(torch.tensor([expected["ids"]])).logits[0]
    assert found.dtype == torch.float32, f"{folder}: loaded as {found.dtype}"
    worst = float((found - torch.tensor(expected["logits"])).abs().max())
    assert worst < tolerance, f"{folder}: logits differ by {worst}"
    return worst


def fields(folder):
    content = AutoConfig.from_pretrained(folder).to_dict()
    return {key: value for key, value in content.items() if key not in ("dtype", "_name_or_path")}


def check_model(folder, original, same_weights):
    """`same_weights`: the saved model has the original's weights, not only its shape."""
    model, report = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
    problems = {key: value for key, value in report.items() if value}
    assert not problems, f"{folder}: {problems}"
    if same_weights:
        assert fields(folder) == fields(original), f"{folder}: another configuration"
        weights = AutoModelForCausalLM.from_pretrained(original, dtype=torch.float32).state_dict()
        for name, tensor in model.state_dict().items():
            assert torch.equal(tensor, weights[name]), f"{folder}: {name} differs"
    texts = [AutoTokenizer.from_pretrained(place)(PROMPTS)["input_ids"] for place in (folder, original)]
    assert texts[0] == texts[1], f"{folder}: another tokenizer"
    return check_logits(model, folder)


def check_adapter(folder, original):
    model = AutoModelForCausalLM.from_pretrained(original, dtype=torch.float32)
    return check_logits(PeftModel.from_pretrained(model, folder), folder)


def check_converted(folder, name):
    """A converted GGUF file has the weights of gguf.json, and the ids of the tokenizer that the file was made from."""
    model, report = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
    problems = {key: value for key, value in report.items() if value}
    assert not problems, f"{folder}: {problems}"
    hashes = GGUF["models"][name.removesuffix(".gguf")]["hashes"]
    for key, tensor in model.state_dict().items():
        if key in hashes:
            assert hashlib.sha256(tensor.numpy().astype("<f4").tobytes()).hexdigest() == hashes[key], f"{folder}: {key} differs"
    case = GGUF["tokenizers"].get(name.removesuffix(".gguf"))
    if case is not None:
        texts = case.get("texts", TOKENIZERS["texts"])
        encoded = case.get("encoded") or TOKENIZERS["kinds"][case["tokenizer"]]["encoded"]
        tokenizer = AutoTokenizer.from_pretrained(folder)
        wrong = sum(" ".join(map(str, tokenizer(text)["input_ids"])) != ids for text, ids in zip(texts, encoded))
        assert wrong == 0, f"{folder}: {wrong} texts have other ids"
    return check_logits(model, folder, 1e-3)


def check():
    """Saves, loads and compares everything; returns the number of folders and the largest difference of a logit."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["node", str(FOLDER / "save_here.mjs"), scratch], check=True)
        folders = sorted(Path(scratch).rglob("logits.json"))
        assert folders, "nothing was saved"
        differences = []
        for file in folders:
            kind, *name = file.parent.relative_to(scratch).parts
            original = FOLDER.joinpath(*name)
            if kind == "gguf":
                differences.append(check_converted(file.parent, name[0]))
            elif kind == "adapter":
                differences.append(check_adapter(file.parent, original))
            else:
                differences.append(check_model(file.parent, original, same_weights=kind in ("read", "shards")))
        return len(folders), max(differences)


if __name__ == "__main__":
    count, worst = check()
    print(f"{count} folders load as they were saved; logits differ by at most {worst:.1e}")
