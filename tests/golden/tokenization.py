"""Rows as TRL's DPOTrainer tokenizes them, with their log-probabilities: standard and conversational, whole and truncated.

`chat-llama/` is a random Llama with a byte-level BPE tokenizer whose merges cross the boundary between prompt and
response, a beginning-of-sequence token that the tokenizer adds to plain text, and a chat template.
"""

import tempfile

import torch
from datasets import Dataset
from provenance import FOLDER, provenance, write_golden
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer

SEED = 5
NAME = "chat-llama"
SPECIAL = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
CORPUS = [
    "system user assistant You are a brief clerk. How much is the apple? What does the honey cost, and where is it?",
    "The apple is unhappy. The honey is at the mill, the understanding underline of the price is wonderful.",
    "it isn't 12 coins, it wasn't 345 coins; the lamp can't be dearer than the rope!",
    "Straßenbahn café 東京 😀 naïve",
] * 20

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TEMPLATES = {
    # The template in the folder: no beginning-of-sequence token, and a line feed after each turn.
    "chatml": CHATML,
    # As Llama's: it writes the beginning-of-sequence token, so the tokenizer must not add another.
    "with bos": "{{ bos_token }}" + CHATML,
    # As Qwen3's: the answered conversation does not continue with the generation prompt.
    "thinking": CHATML.replace("assistant\n' }}{% endif", "assistant\n<think>\n\n</think>\n\n' }}{% endif"),
    # Ignores add_generation_prompt: the assistant's header becomes part of the response.
    "no generation prompt": CHATML[: CHATML.index("{% if add_generation_prompt")],
}

STANDARD = [
    ("How much is the apple?", " It is 12 coins.", " It is 345 coins."),
    ("The apple is un", "happy.", "derstanding"),
    ("The apple is un", "happy.", " derived."),
    ("it is", "n't 12 coins", " 12 coins"),
    ("What does the honey cost?\n\n", "12 coins", "Straßenbahn 東京 😀"),
    ("Where is it? ", "at the mill</s>", "at the mill"),
    ("café", " naïve", "s and lamps"),
    ("the price of the lamp is", " " + "wonderful " * 12, " 3"),
    ("How " * 30, "much", "many"),
]


def user(content):
    return {"role": "user", "content": content}


def assistant(content):
    return {"role": "assistant", "content": content}


CONVERSATIONS = [
    ([user("How much is the apple?")], "It is 12 coins.", "It is 345 coins."),
    (
        [
            {"role": "system", "content": "You are a brief clerk."},
            user("Where is it?"),
            assistant("At the mill."),
            user("How much is the lamp, 東京?"),
        ],
        "12 coins",
        "wonderful 😀",
    ),
    ([user("the honey\nand the rope ")], " 3 coins ", "3 coins"),
    ([user("How " * 30)], "much", "many"),
    ([user("price?")], "wonderful " * 12, "3"),
]


def make_tokenizer():
    tokenizer = Tokenizer(models.BPE(unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    ids = {token: tokenizer.token_to_id(token) for token in SPECIAL}
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", ids["<s>"])])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        clean_up_tokenization_spaces=False,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<unk>",
        unk_token="<unk>",
        additional_special_tokens=["<|im_start|>", "<|im_end|>"],
        model_max_length=128,
    )
    fast.chat_template = CHATML
    return fast


def make_model(tokenizer):
    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        initializer_range=0.3,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=True,
    )
    return LlamaForCausalLM(config).to(torch.float32).eval()


def tokenize(rows, template=None, max_length=None):
    tokenizer = AutoTokenizer.from_pretrained(FOLDER / NAME)
    if template is not None:
        tokenizer.chat_template = template
    numbered = [{**row, "row": index} for index, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as output:
        config = DPOConfig(
            output_dir=output,
            seed=SEED,
            max_length=max_length,
            precompute_ref_log_probs=True,
            precompute_ref_batch_size=4,
            report_to="none",
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            disable_tqdm=True,
        )
        trainer = DPOTrainer(
            model=LlamaForCausalLM.from_pretrained(FOLDER / NAME, dtype=torch.float32),
            args=config,
            train_dataset=Dataset.from_list(numbered),
            processing_class=tokenizer,
        )
    cases = []
    for row in trainer.train_dataset:
        batch = trainer.data_collator([row])
        (chosen, rejected) = [
            (ids[attention == 1].tolist(), mask[attention == 1].sum().item())
            for ids, attention, mask in zip(batch["input_ids"], batch["attention_mask"], batch["completion_mask"])
        ]
        cases.append(
            {
                "row": row["row"],
                "prompt": chosen[0][: len(chosen[0]) - chosen[1]],
                "chosen": chosen[0][len(chosen[0]) - chosen[1] :],
                "rejected": rejected[0][len(rejected[0]) - rejected[1] :],
                "chosenLogProb": row["ref_chosen_logps"],
                "rejectedLogProb": row["ref_rejected_logps"],
            }
        )
    return cases


def main():
    tokenizer = make_tokenizer()
    (FOLDER / NAME).mkdir(exist_ok=True)
    tokenizer.save_pretrained(FOLDER / NAME)
    make_model(tokenizer).save_pretrained(FOLDER / NAME)
    standard = [dict(zip(("prompt", "chosen", "rejected"), row)) for row in STANDARD]
    chats = [
        {"prompt": prompt, "chosen": [assistant(chosen)], "rejected": [assistant(rejected)]}
        for prompt, chosen, rejected in CONVERSATIONS
    ]
    groups = [{"rows": standard, "template": None, "maxLength": length} for length in (None, 24)]
    groups += [{"rows": chats, "template": template, "maxLength": None} for template in TEMPLATES.values()]
    groups += [{"rows": chats, "template": CHATML, "maxLength": 40}]
    for group in groups:
        group["cases"] = tokenize(group["rows"], group["template"], group["maxLength"])
    content = {
        **provenance("tokenization.py", ["torch", "trl", "transformers", "tokenizers"], SEED, "float32"),
        "groups": groups,
    }
    write_golden("tokenization.json", content)


if __name__ == "__main__":
    main()
