"""A tiny random model of every architecture, as transformers saves it, and what transformers computes with it.

Each folder differs from `tiny-llama` as its architecture differs from Llama, with sizes that have an effect within the
prompts: windows shorter than the prompts, rotary scaling from position 16 on, biases and norms that are not 0 and 1.
Weights are stored as bfloat16 or float16 (whole or in shards) and computed with as float32.
"""

import json
import shutil

import torch
from model import PROMPTS, VOCABULARY, make_tokenizer
from provenance import FOLDER, provenance, write_golden
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.generation import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper
from transformers.generation.logits_process import LogitsProcessorList, RepetitionPenaltyLogitsProcessor

SEED = 11
NEW_TOKENS = 64
PENALTY = 1.3
SMALLEST_MARGIN = 1e-3
LLAMA_3 = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}

MODELS = {
    # Llama 3: scaled rotary positions, three end-of-sequence tokens, shards of bfloat16.
    "llama3": {
        "model_type": "llama",
        "num_key_value_heads": 2,
        "rope_parameters": LLAMA_3,
        "eos_token_id": [2, 40, 41],
        "shards": "20KB",
    },
    # Every projection has a bias; the configuration has the key names of transformers 4.
    "llama-biases": {
        "model_type": "llama",
        "num_key_value_heads": 4,
        "attention_bias": True,
        "mlp_bias": True,
        "legacy": {"rope_theta": 500.0, "rope_scaling": {"type": "linear", "factor": 2.0}},
    },
    "mistral": {"model_type": "mistral", "num_key_value_heads": 2, "sliding_window": 5},
    # Biases of query, key and value only; the second layer looks 6 tokens back.
    "qwen2": {
        "model_type": "qwen2",
        "num_key_value_heads": 2,
        "use_sliding_window": True,
        "sliding_window": 6,
        "max_window_layers": 1,
        "tie_word_embeddings": True,
    },
    # Norms of queries and keys; heads wider than hidden size / heads; shards of float16.
    "qwen3": {
        "model_type": "qwen3",
        "num_key_value_heads": 2,
        "head_dim": 12,
        "dtype": torch.float16,
        "shards": "20KB",
    },
    "smollm3": {"model_type": "smollm3", "num_key_value_heads": 2, "no_rope_layers": [0, 1]},
}


def make_model(name, options):
    options = dict(options)
    shards, legacy = options.pop("shards", "5GB"), options.pop("legacy", None)
    dtype = options.pop("dtype", torch.bfloat16)
    options = {"eos_token_id": 2, "tie_word_embeddings": False, **options}
    config = AutoConfig.for_model(
        **options,
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=128,
        initializer_range=0.3,
        pad_token_id=0,
        bos_token_id=1,
    )
    model = AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "norm" in key or "bias" in key:  # With ones and zeros, a tensor that is never read would not be noticed.
                parameter += 0.2 * torch.randn_like(parameter)
    folder = FOLDER / "architectures" / name
    shutil.rmtree(folder, ignore_errors=True)
    model.to(dtype).save_pretrained(folder, max_shard_size=shards)
    make_tokenizer().save_pretrained(folder)
    if legacy is not None:
        file = folder / "config.json"
        content = json.loads(file.read_text(encoding="utf-8"))
        del content["rope_parameters"]
        content["torch_dtype"] = content.pop("dtype")
        file.write_text(json.dumps({**content, **legacy}, indent=2) + "\n", encoding="utf-8")
    return folder


@torch.no_grad()
def greedy(model, tokenizer, prompt, penalty, ends):
    """Up to 64 new tokens (if `ends` is false, also after an end of sequence), and the smallest margin of a chosen token."""
    given = tokenizer(prompt, return_tensors="pt")
    model.generation_config.eos_token_id = model.config.eos_token_id if ends else None
    out = model.generate(
        **given,
        max_new_tokens=NEW_TOKENS,
        do_sample=False,
        repetition_penalty=penalty,
        output_scores=True,
        return_dict_in_generate=True,
    )
    best = torch.stack(out.scores)[:, 0].topk(2).values
    margin = float((best[:, 0] - best[:, 1]).min())
    return out.sequences[0, given["input_ids"].shape[1] :].tolist(), margin


@torch.no_grad()
def cases_of(model, tokenizer):
    """None if a choice was nearly a tie; then another seed is used."""
    cases = []
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        case = {"prompt": prompt, "ids": ids[0].tolist()}
        for key, penalty, ends in (("greedy", 1.0, False), ("penalised", PENALTY, False), ("ended", PENALTY, True)):
            case[key], margin = greedy(model, tokenizer, prompt, penalty, ends)
            if margin < SMALLEST_MARGIN:
                return None
        case["logits"] = [[round(value, 6) for value in row] for row in model(ids).logits[0].tolist()]
        cases.append(case)
    return cases


def gradients(model, tokenizer):
    """Gradient of the longest prompt's negative log-likelihood: norm, and product with cos(0), cos(1), ..."""
    ids = tokenizer(PROMPTS[-1], return_tensors="pt")["input_ids"]
    log_probs = model(ids).logits[0, :-1].log_softmax(-1)
    (-log_probs.gather(1, ids[0, 1:, None]).sum()).backward()
    result = {}
    for name, parameter in model.named_parameters():
        flat = parameter.grad.double().flatten()
        along = flat @ torch.arange(len(flat), dtype=torch.float64).cos()
        result[name] = [float(flat.norm()), float(along)]
    return result


def sampling_cases():
    """The probabilities of random scores after penalty, temperature, top-k and top-p, in transformers' order."""
    torch.manual_seed(SEED)
    seen = torch.tensor([[1, 5, 9, 9, 30]])
    cases = []
    for penalty, temperature, top_k, top_p in (
        (1.0, 0.7, None, None),
        (1.0, 1.0, 5, None),
        (1.0, 1.0, None, 0.6),
        (1.0, 2.0, 20, 0.8),
        (1.5, 0.8, 10, 0.9),
        (0.8, 1.3, None, 0.3),
        (1.0, 1.0, 1000, 1.0),
        (1.2, 1.0, 1, 0.5),
    ):
        scores = 3 * torch.randn(1, len(VOCABULARY))
        steps = LogitsProcessorList([RepetitionPenaltyLogitsProcessor(penalty), TemperatureLogitsWarper(temperature)])
        if top_k is not None:
            steps.append(TopKLogitsWarper(top_k))
        if top_p is not None:
            steps.append(TopPLogitsWarper(top_p))
        cases.append(
            {
                "options": {"repetitionPenalty": penalty, "temperature": temperature, "topK": top_k, "topP": top_p},
                "seen": seen[0].tolist(),
                "scores": scores[0].tolist(),
                "probabilities": steps(seen, scores.clone())[0].double().softmax(-1).tolist(),
            }
        )
    return cases


def main():
    models = {}
    for name, options in MODELS.items():
        for seed in range(SEED, SEED + 100):
            torch.manual_seed(seed)
            folder = make_model(name, options)
            # Everything below is computed with the model as it was saved.
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
            tokenizer = AutoTokenizer.from_pretrained(folder)
            cases = cases_of(model, tokenizer)
            if cases is not None:
                break
        assert cases is not None, f"{name}: every seed has a near tie"
        models[name] = {"seed": seed, "cases": cases, "gradients": gradients(model, tokenizer)}
    content = provenance("architectures.py", ["torch", "transformers", "tokenizers", "safetensors"], SEED, "float32")
    facts = {"newTokens": NEW_TOKENS, "repetitionPenalty": PENALTY}
    write_golden("architectures.json", {**content, **facts, "models": models, "sampling": sampling_cases()})


if __name__ == "__main__":
    main()
