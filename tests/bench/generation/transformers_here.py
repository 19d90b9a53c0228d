"""Generates with transformers and prints JSON: see here.mjs. Prompts are padded on the left, as its documentation advises."""

import json
import sys
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

given = json.loads(sys.argv[1])
torch.set_num_threads(given["threads"])
batch, tokens = given["batch"], given["tokens"]
with open(given["pairs"], encoding="utf-8") as lines:
    prompts = [json.loads(line)["prompt"] for line in lines][:batch]
start = time.perf_counter()
tokenizer = AutoTokenizer.from_pretrained(given["model"], padding_side="left")
model = AutoModelForCausalLM.from_pretrained(given["model"], dtype=torch.float32).eval()
if tokenizer.pad_token is None:
    tokenizer.pad_token = tokenizer.eos_token
inputs = tokenizer.apply_chat_template(
    prompts, add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
)


def generate(count, new):
    """The ids of `new` tokens behind the first `count` prompts."""
    some = {name: value[:count] for name, value in inputs.items()}
    with torch.no_grad():
        ids = model.generate(
            **some, max_new_tokens=new, do_sample=False, eos_token_id=None, pad_token_id=tokenizer.pad_token_id
        )
    return ids[:, inputs["input_ids"].shape[1] :].tolist()


generate(1, 1)
first = time.perf_counter() - start
generate(batch, tokens)
again = time.perf_counter()
responses = generate(batch, tokens)
seconds = time.perf_counter() - again
print(json.dumps({"seconds": seconds, "generated": batch * tokens, "firstToken": first, "responses": responses}))
