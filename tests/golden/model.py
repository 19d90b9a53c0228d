"""Two tiny random Llamas in Hugging Face's layout, and what transformers computes with them.

`tiny-llama` has grouped-query attention (4 query heads, 2 heads of keys and values) and an output head of its own;
`tiny-llama-tied` has 4 and 4 and an output head tied to its embedding. Initial weights are larger than usual, so that logits
differ and greedy decoding has no near ties.
"""

import json
import shutil

import torch
from pairs import PAIRS, VOCABULARY
from provenance import FOLDER, provenance, write_golden
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SEED = 7
PROMPTS = ["price for apple ?", "who ?", "where is the honey and the lamp and the rope for you ?"]
NEW_TOKENS = 24
MODELS = {
    "tiny-llama": {"num_key_value_heads": 2, "tie_word_embeddings": False},
    "tiny-llama-tied": {"num_key_value_heads": 4, "tie_word_embeddings": True},
}


def make_tokenizer():
    ids = {word: index for index, word in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", special_tokens=[("<bos>", ids["<bos>"])]
    )
    special = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, clean_up_tokenization_spaces=False, **special)


def make_model(options):
    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
        initializer_range=0.3,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        attention_dropout=0.0,
        **options,
    )
    model = LlamaForCausalLM(config).to(torch.float32).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:  # With ones, a weight that is never read would not be noticed.
                parameter += 0.2 * torch.randn_like(parameter)
    return model


def tokenize_pair(tokenizer, prompt, completion):
    """Ids of the prompt, and of the completion with its end of sequence, as TRL tokenizes the standard format."""
    prompt_ids = tokenizer(prompt)["input_ids"]
    ids = tokenizer(prompt + completion + tokenizer.eos_token)["input_ids"]
    assert ids[: len(prompt_ids)] == prompt_ids
    return prompt_ids, ids[len(prompt_ids) :]


def token_log_probs(model, prompt_ids, completion_ids):
    ids = torch.tensor([prompt_ids + completion_ids])
    log_probs = model(ids).logits[0, :-1].log_softmax(-1)
    return log_probs.gather(1, ids[0, 1:, None])[len(prompt_ids) - 1 :, 0]


@torch.no_grad()
def forward(model, tokenizer):
    cases = []
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        cases.append({"prompt": prompt, "ids": ids[0].tolist(), "logits": model(ids).logits[0].tolist()})
    return cases


@torch.no_grad()
def generate(model, tokenizer):
    """Greedy decoding; `smallestMargin` is the smallest difference between the highest and the second-highest logit."""
    cases = []
    for prompt in PROMPTS:
        given = tokenizer(prompt, return_tensors="pt")
        out = model.generate(
            **given, max_new_tokens=NEW_TOKENS, do_sample=False, output_logits=True, return_dict_in_generate=True
        )
        new = out.sequences[0, given["input_ids"].shape[1] :]
        best = torch.stack(out.logits)[:, 0].topk(2).values
        margin = float((best[:, 0] - best[:, 1]).min())
        assert margin > 1e-3, f"{prompt}: a near tie of {margin}"
        text = tokenizer.decode(new, skip_special_tokens=True)
        cases.append({"prompt": prompt, "ids": new.tolist(), "text": text, "smallestMargin": margin})
    return cases


def log_probs(model, tokenizer):
    cases = []
    for prompt, chosen, rejected in PAIRS:
        case = {"prompt": prompt, "chosen": chosen, "rejected": rejected}
        for name, completion in (("chosen", chosen), ("rejected", rejected)):
            prompt_ids, completion_ids = tokenize_pair(tokenizer, prompt, completion)
            with torch.no_grad():
                per_token = token_log_probs(model, prompt_ids, completion_ids)
            case["promptIds"] = prompt_ids
            case[f"{name}Ids"] = completion_ids
            case[f"{name}TokenLogProbs"] = per_token.tolist()
            case[f"{name}LogProb"] = float(per_token.sum())
        cases.append(case)
    return cases


def gradients(model, tokenizer):
    """The gradient of the mean over the pairs of `chosen - rejected / 2`, in nats: no response cancels another."""
    model.zero_grad()
    terms = []
    for prompt, chosen, rejected in PAIRS:
        sums = [token_log_probs(model, *tokenize_pair(tokenizer, prompt, text)).sum() for text in (chosen, rejected)]
        terms.append(sums[0] - sums[1] / 2)
    torch.stack(terms).mean().backward()
    return {name: parameter.grad.clone().contiguous() for name, parameter in model.named_parameters()}


def main():
    models_golden = {}
    for name, options in MODELS.items():
        folder = FOLDER / name
        shutil.rmtree(folder, ignore_errors=True)
        make_model(options).save_pretrained(folder)
        make_tokenizer().save_pretrained(folder)
        # Everything below is computed with the model as it was saved.
        model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        save_file(gradients(model, tokenizer), FOLDER / f"{name}-gradients.safetensors")
        models_golden[name] = {
            "forward": forward(model, tokenizer),
            "generate": generate(model, tokenizer),
            "logProbs": log_probs(model, tokenizer),
        }
    content = provenance("model.py", ["torch", "transformers", "tokenizers", "safetensors"], SEED, "float32")
    write_golden("model.json", {**content, "newTokens": NEW_TOKENS, "models": models_golden})
    rows = [dict(zip(("prompt", "chosen", "rejected"), pair)) for pair in PAIRS]
    (FOLDER / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
