"""Conversations with tools, tool answers, reasoning and system prompts, and rows without a prompt, as TRL's DPOTrainer sees them.

The model is `chat-llama/` with more positions. The templates are those that TRL ships for Llama 3.1, Qwen2.5 and Qwen3; the rows
are loaded from JSONL by `datasets`, as a user's file is.
"""

import json
import random
import tempfile
from pathlib import Path

import torch
import trl
from datasets import Dataset, load_dataset
from jinja2.exceptions import TemplateError
from provenance import FOLDER, provenance, write_golden
from transformers import AutoTokenizer, LlamaForCausalLM
from trl import DPOConfig, DPOTrainer

SEED = 11
NAME = "chat-llama"
POSITIONS = 4096
TEMPLATES = {"llama3.1": "llama3_1.jinja", "qwen2.5": "qwen2_5.jinja", "qwen3": "qwen3.jinja"}

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "price_of",
            "description": "The price of a thing, in coins.",
            "parameters": {
                "type": "object",
                "properties": {"thing": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
                "required": ["thing"],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "where_is",
            "description": "Where something is (\"at the mill\", 東京 & more).",
            "parameters": {"type": "object", "properties": {"thing": {"type": "string", "enum": ["rope", "lamp"]}}},
        },
    },
]
SYSTEMS = ["You are a brief clerk.", "Answer in coins.\n\nNothing else."]
QUESTIONS = ["How much is the apple?", "Where is the lamp, 東京?", " and the rope ", "What does <the> honey cost & why?"]
ANSWERS = ["It is 12 coins.", "345 coins", "at the mill", " wonderful 😀 ", "It isn't dear:\n- 3 coins"]
THOUGHTS = ["the apple is 12 coins", "hm,\nthe mill\n", "It can't be."]
ARGUMENTS = [{"thing": "apple"}, {"thing": "rope", "count": 3}, {"thing": "lamp", "count": 12, "deep": {"a": [1, 2.5, None, True]}}]


def call(draw, number):
    name = draw.choice(TOOLS)["function"]["name"]
    made = {"type": "function", "function": {"name": name, "arguments": draw.choice(ARGUMENTS)}}
    return {"id": f"call_{number}", **made} if draw.random() < 0.5 else made


def tool_turn(draw, number, calls=1):
    asked = {"role": "assistant", "tool_calls": [call(draw, number + index) for index in range(calls)]}
    if draw.random() < 0.5:
        asked = {"role": "assistant", "content": "Let me see.", "tool_calls": asked["tool_calls"]}
    answered = []
    for index in range(calls):
        message = {"role": "tool", "content": draw.choice(['{"coins": 12}', "at the mill", "3"])}
        if draw.random() < 0.5:
            message = {**message, "name": "price_of", "tool_call_id": f"call_{number + index}"}
        answered.append(message)
    return [asked, *answered]


def answer(draw, text):
    made = {"role": "assistant", "content": text}
    if draw.random() < 0.4:
        made["reasoning_content"] = draw.choice(THOUGHTS)
    return made


def response(draw, text):
    kind = draw.random()
    if kind < 0.15:
        return [{"role": "assistant", "tool_calls": [call(draw, 7)]}]
    if kind < 0.3:
        return [*tool_turn(draw, 8), answer(draw, text)]
    return [answer(draw, text)]


def conversation(draw):
    """One row: a prompt of one to three questions, some of them answered after a tool was called."""
    prompt = [{"role": "system", "content": draw.choice(SYSTEMS)}] if draw.random() < 0.5 else []
    for turn in range(draw.choice([0, 0, 1, 2])):
        prompt.append({"role": "user", "content": draw.choice(QUESTIONS)})
        if draw.random() < 0.5:
            prompt += tool_turn(draw, turn, draw.choice([1, 1, 2]))
        prompt.append(answer(draw, draw.choice(ANSWERS)))
    prompt.append({"role": "user", "content": draw.choice(QUESTIONS)})
    if draw.random() < 0.35:
        prompt += tool_turn(draw, 5)
    texts = draw.sample(ANSWERS, 2)
    row = {"prompt": prompt, "chosen": response(draw, texts[0]), "rejected": response(draw, texts[1])}
    if draw.random() < 0.6:
        row["tools"] = TOOLS[: draw.choice([1, 2])]
        if draw.random() < 0.3:
            row["tools"] = json.dumps(row["tools"])
    return row


IMPLICIT_TEXT = [
    {"chosen": f"\n\nHuman: {asked}\n\nAssistant: {chosen}", "rejected": f"\n\nHuman: {asked}\n\nAssistant: {rejected}"}
    for asked, chosen, rejected in [
        ("How much is the apple?", "It is 12 coins.", "345 coins"),
        ("How much is the apple?", "It is 12 coins.", "It is 345 coins."),
        ("Where?\n\nAssistant: At the mill.\n\nHuman: And the lamp, 東京 😀?", "😀 wonderful", "😁 wonderful"),
        ("café", "naïve", "naïve honey"),
        ("the rope", " the  price", " the   price"),
    ]
] + [
    {"chosen": "The apple is unhappy.", "rejected": "The apple is understanding."},
    {"chosen": "It is 12 coins", "rejected": "It is 12"},
    {"chosen": "The price is wonderful", "rejected": "The price was wonderful"},
]


def user(content):
    return {"role": "user", "content": content}


def assistant(content):
    return {"role": "assistant", "content": content}


IMPLICIT_CHAT = [
    {
        "chosen": [user("How much?"), assistant("12 coins")],
        "rejected": [user("How much?"), assistant("345 coins")],
    },
    {
        "chosen": [user("How much?"), assistant("12 coins"), user("And the lamp?"), assistant("3")],
        "rejected": [user("How much?"), assistant("12 coins"), user("And the lamp?"), assistant("wonderful")],
    },
    {
        "chosen": [user("How much?"), assistant("12 coins"), user("And the lamp?"), assistant("3")],
        "rejected": [user("How much?"), assistant("345 coins"), user("And the rope?"), assistant("wonderful")],
    },
    {
        "chosen": [{"role": "system", "content": "Be brief."}, user("Where?"), assistant("mill")],
        "rejected": [{"role": "system", "content": "Be brief."}, user("Where?"), assistant("At the mill.")],
    },
]
THINKING = [
    {**row, "chat_template_kwargs": {"enable_thinking": enabled}}
    for row, enabled in [
        ({"prompt": [user("How much?")], "chosen": [assistant("12 coins")], "rejected": [assistant("3")]}, False),
        ({"prompt": [user("Where?")], "chosen": [assistant("mill")], "rejected": [assistant("rope")]}, True),
    ]
]


def template_of(name):
    return (Path(trl.__file__).parent / "chat_templates" / TEMPLATES[name]).read_text(encoding="utf-8")


def refusal(tokenizer, row):
    """Why the template refuses a row, or None."""
    tools = row.get("tools")
    given = {"tools": json.loads(tools) if isinstance(tools, str) else tools, **row.get("chat_template_kwargs", {})}
    try:
        tokenizer.apply_chat_template(row["prompt"], add_generation_prompt=True, **given)
        for field in ("chosen", "rejected"):
            tokenizer.apply_chat_template(row["prompt"] + row[field], **given)
    except (TemplateError, TypeError) as error:
        return str(error)
    return None


def load(rows, folder):
    """Rows as a user has them: a JSONL file, loaded by datasets."""
    file = Path(folder) / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return load_dataset("json", data_files=str(file), split="train", cache_dir=str(Path(folder) / "cache"))


def tokenize(rows, template, tokenizer):
    """The kept rows' tokens and log-probabilities; a row that the template refuses has its error instead."""
    cases = [{"row": index} for index in range(len(rows))]
    if template is not None:
        for case, row in zip(cases, rows):
            if "prompt" in row and (error := refusal(tokenizer, row)) is not None:
                case["error"] = error
    kept = [case for case in cases if "error" not in case]
    with tempfile.TemporaryDirectory() as output:
        config = DPOConfig(
            output_dir=output,
            seed=SEED,
            max_length=None,
            precompute_ref_log_probs=True,
            precompute_ref_batch_size=4,
            report_to="none",
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            disable_tqdm=True,
        )
        trainer = DPOTrainer(
            model=LlamaForCausalLM.from_pretrained(FOLDER / NAME, dtype=torch.float32, max_position_embeddings=POSITIONS),
            args=config,
            train_dataset=load([rows[case["row"]] for case in kept], output),
            processing_class=tokenizer,
        )
        for case, row in zip(kept, trainer.train_dataset):
            for field in ("prompt", "chosen", "rejected"):
                case[field] = " ".join(map(str, row[f"{field}_ids"]))
            case["chosenLogProb"], case["rejectedLogProb"] = row["ref_chosen_logps"], row["ref_rejected_logps"]
    return cases


def main():
    draw = random.Random(SEED)
    conversations = [conversation(draw) for _ in range(40)]
    groups = [{"title": f"tools, {name}", "template": name, "rows": "conversations"} for name in TEMPLATES]
    groups += [
        {"title": "implicit prompts of text", "template": None, "rows": IMPLICIT_TEXT},
        {"title": "implicit prompts of messages", "template": "qwen2.5", "rows": IMPLICIT_CHAT},
        {"title": "chat_template_kwargs", "template": "qwen3", "rows": THINKING},
    ]
    for group in groups:
        tokenizer = AutoTokenizer.from_pretrained(FOLDER / NAME)
        if group["template"] is not None:
            tokenizer.chat_template = template_of(group["template"])
        rows = conversations if group["rows"] == "conversations" else group["rows"]
        group["cases"] = tokenize(rows, group["template"], tokenizer)
    content = {
        **provenance("conversations.py", ["torch", "trl", "transformers", "datasets", "tokenizers"], SEED, "float32"),
        "templates": {name: template_of(name) for name in TEMPLATES},
        "conversations": conversations,
        "groups": groups,
    }
    write_golden("conversations.json", content)


if __name__ == "__main__":
    main()
