"""Log-probabilities and gradients of a Llama with a vocabulary of 49,152 tokens (SmolLM2's size), in float64.

The weights are not committed: they are a formula of their index (`weights`), which tests/training/largeVocabulary.test.ts computes,
too. transformers computes norms and rotations in float32 whatever the model's type is, so the forward pass is written out here;
transformers in float32 must agree with it.
"""

import random

import numpy as np
import torch
from provenance import provenance, write_golden
from transformers import LlamaConfig, LlamaForCausalLM

SEED = 5
CONFIG = {
    "model_type": "llama",
    "vocab_size": 49152,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "tie_word_embeddings": True,
    "hidden_act": "silu",
    "bos_token_id": 1,
    "eos_token_id": 2,
}
# The number of tokens of a row's prompt, of what its responses have in common, and of the rest of each.
ROWS = [(12, 0, [40, 33]), (5, 20, [1, 60]), (30, 3, [400, 250])]
ACCEPTED = 1e-4


def mix(x):
    """A hash of unsigned 32-bit integers (lowbias32)."""
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x7FEB352D)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def weights(number, shape, name):
    """Float32 weights of tensor `number`: `u = floor(mix(mix(number + 1) + i) / 256) / 2^24 - 1/2` for the embedding, `u / 2` for a
    linear map, `1 + u / 2` for a norm, and four times that for the last one: the distributions are as peaked as a trained model's,
    and most of the terms of a sum over the vocabulary are small beside the largest."""
    with np.errstate(over="ignore"):
        start = mix(np.array([number + 1], dtype=np.uint32))
        hashed = mix(start + np.arange(np.prod(shape), dtype=np.uint32))
    uniform = (hashed >> np.uint32(8)).astype(np.float32) / np.float32(2**24) - np.float32(0.5)
    values = 1 + uniform / 2 if "norm" in name else uniform if "embed" in name else uniform / 2
    values = 4 * values if name == "model.norm.weight" else values
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def rms_norm(x, weight):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + CONFIG["rms_norm_eps"]) * weight


def rotate(x):
    """`[heads, tokens, head_dim]`, by the angle of each position."""
    half = x.shape[-1] // 2
    frequencies = CONFIG["rope_theta"] ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = torch.outer(torch.arange(x.shape[-2], dtype=torch.float64), frequencies)
    first, second = x[..., :half], x[..., half:]
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


def token_log_probs(parameters, ids):
    """The log-probability of every token of a sequence but the first."""
    heads, key_heads, size = (CONFIG[key] for key in ("num_attention_heads", "num_key_value_heads", "head_dim"))
    states = parameters["model.embed_tokens.weight"][ids]
    hidden = torch.full((len(ids), len(ids)), -torch.inf, dtype=torch.float64).triu(1)
    for layer in range(CONFIG["num_hidden_layers"]):
        part = lambda name: parameters[f"model.layers.{layer}.{name}.weight"]
        normed = rms_norm(states, part("input_layernorm"))
        q, k, v = (
            (normed @ part(f"self_attn.{name}_proj").T).unflatten(-1, (-1, size)).transpose(0, 1) for name in "qkv"
        )
        k, v = (x.repeat_interleave(heads // key_heads, 0) for x in (rotate(k), v))
        attention = (rotate(q) @ k.transpose(1, 2) / size**0.5 + hidden).softmax(-1) @ v
        states = states + attention.transpose(0, 1).flatten(1) @ part("self_attn.o_proj").T
        normed = rms_norm(states, part("post_attention_layernorm"))
        gate = torch.nn.functional.silu(normed @ part("mlp.gate_proj").T)
        states = states + (gate * (normed @ part("mlp.up_proj").T)) @ part("mlp.down_proj").T
    logits = rms_norm(states, parameters["model.norm.weight"]) @ parameters["model.embed_tokens.weight"].T
    return logits[:-1].log_softmax(-1).gather(1, torch.tensor(ids[1:])[:, None])[:, 0]


def main():
    draw = random.Random(SEED)
    tokens = lambda count: [draw.randrange(3, CONFIG["vocab_size"]) for _ in range(count)]
    rows = []
    for prompt, shared, rest in ROWS:
        common = tokens(shared)
        rows.append({"prompt": tokens(prompt), "responses": [common + tokens(count) for count in rest]})

    model = LlamaForCausalLM(LlamaConfig(**CONFIG)).eval()
    tensors = [{"name": name, "shape": list(tensor.shape)} for name, tensor in model.named_parameters()]
    made = {tensor["name"]: weights(number, tensor["shape"], tensor["name"]) for number, tensor in enumerate(tensors)}
    model.load_state_dict({**made, "lm_head.weight": made["model.embed_tokens.weight"]})
    parameters = {name: tensor.double().requires_grad_() for name, tensor in made.items()}

    loss = 0
    for row in rows:
        row["tokenLogProbs"] = []
        for response in row["responses"]:
            ids = row["prompt"] + response
            exact = token_log_probs(parameters, ids)[-len(response) :]
            loss = loss - exact.mean() / (2 * len(rows))
            row["tokenLogProbs"].append(exact.tolist())
            with torch.no_grad():
                logits = model(torch.tensor([ids])).logits[0, :-1].double()
            found = logits.log_softmax(-1).gather(1, torch.tensor(ids[1:])[:, None])[-len(response) :, 0]
            worst = float((found - exact.detach()).abs().max())
            assert worst < ACCEPTED, f"transformers differs by {worst}"
    loss.backward()
    gradients = {}
    for name, parameter in parameters.items():
        flat = parameter.grad.flatten()
        gradients[name] = [float(flat.norm()), float(flat @ torch.arange(len(flat), dtype=torch.float64).cos())]
    content = provenance("vocabulary.py", ["torch", "transformers", "numpy"], SEED, "float64")
    write_golden("vocabulary.json", {**content, "config": CONFIG, "tensors": tensors, "rows": rows, "gradients": gradients})


if __name__ == "__main__":
    main()
