"""Tokenizers of four kinds (Llama 3, Qwen, SmolLM, Mistral) and chat templates, with transformers' results for texts.

The vocabularies are small and trained here; normalizers, pre-tokenizers, post-processors and decoders are those of the
models' tokenizer.json. The templates are those of the models, without the branches for tools.
"""

import json
import random
import shutil
from collections import Counter
from pathlib import Path

from jinja2.exceptions import TemplateError
from provenance import FOLDER, provenance, write_golden
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

SEED = 5
STRINGS = 500
CORPUS = [
    (FOLDER.parents[1] / "LICENSE").read_text(encoding="utf-8"),
    "Größe, Füße, naïve café, Ελληνικά, Привет, мир! こんにちは世界 你好,世界 안녕하세요 שלום مرحبا नमस्ते 🙂👍🏽 ½ ² ³ ①",
    "I'm sure they've said it's what we'd do; you'll see, he can't. I'M SURE THEY'VE SAID IT'S WHAT WE'D DO.",
    "for (let i = 0; i < 100; i++) {\n\tconsole.log(`x = ${i}`);\n}\n\n    return 3.14159 + 2718281828;\r\n",
]
CASES = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def split(digits):
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CASES.replace("DIGITS", digits)), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False),
        ]
    )


KINDS = {
    "llama3": {
        "special": ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
        "named": {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"},
        "normalizer": None,
        "pre_tokenizer": split("{1,3}"),
        "templates": ["llama3", "llama3.1"],
    },
    "qwen": {
        "special": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        "named": {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
        "normalizer": normalizers.NFC(),
        "pre_tokenizer": split(""),
        "templates": ["qwen2.5", "qwen3"],
    },
    "smollm": {
        "special": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        "named": {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "unk_token": "<|endoftext|>"},
        "normalizer": None,
        "pre_tokenizer": pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
            ]
        ),
        "templates": ["smollm2"],
    },
    # As SentencePiece: spaces are letters, and characters outside the vocabulary become bytes.
    "mistral": {
        "special": ["<unk>", "<s>", "</s>"],
        "named": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
        "normalizer": normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]),
        "pre_tokenizer": None,
        "templates": ["mistral"],
    },
}
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]

CONVERSATIONS = [
    [("user", "Hello!")],
    [("system", "  Answer in one word.\n"), ("user", "What's 12 x 12?")],
    [("user", " Who are you? "), ("assistant", "A model.\n"), ("user", "And\n\nwho made you?")],
    [("system", "Être bref."), ("user", "你好,世界 🙂"), ("assistant", "«Bonjour»"), ("user", "نعم <|im_end|> { } {{ x }}")],
    [("user", "Think."), ("assistant", "<think>\nhm, 3\n</think>\n\nThree."), ("user", "Sure?")],
    [("user", "Think."), ("assistant", "<think>\nhm, 3\n</think>\n\nThree.")],
    [("user", ""), ("assistant", "")],
]


def commonest_letters(normalizer, count):
    counts = Counter("".join(normalizer.normalize_str(text) for text in CORPUS))
    return sorted(counts, key=lambda letter: (-counts[letter], letter))[:count]


def make_tokenizer(kind):
    options = KINDS[kind]
    if kind == "mistral":
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
        tokenizer.decoder = decoders.Sequence(
            [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
        )
        # Listed here, because the trainer breaks ties between letters of the same count at random.
        alphabet = commonest_letters(options["normalizer"], 90)
        start = {
            "special_tokens": options["special"] + BYTES,
            "initial_alphabet": alphabet,
            "limit_alphabet": len(alphabet),
            "vocab_size": 620,
        }
        # Without a pre-tokenizer, merges would cross words; so it is trained word by word, as SentencePiece does.
        tokenizer.pre_tokenizer = pre_tokenizers.Split("\u2581", behavior="merged_with_next")
    else:
        tokenizer = Tokenizer(models.BPE(ignore_merges=kind == "llama3"))
        tokenizer.decoder = decoders.ByteLevel(add_prefix_space=True, trim_offsets=True, use_regex=True)
        start = {"initial_alphabet": pre_tokenizers.ByteLevel.alphabet(), "vocab_size": 620}
        tokenizer.pre_tokenizer = options["pre_tokenizer"]
    if options["normalizer"] is not None:
        tokenizer.normalizer = options["normalizer"]
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(show_progress=False, **start))
    if kind == "mistral":
        # The bytes are not special tokens once they are in the vocabulary.
        content = json.loads(tokenizer.to_str())
        content["added_tokens"] = [token for token in content["added_tokens"] if token["content"] not in BYTES]
        tokenizer = Tokenizer.from_str(json.dumps({**content, "pre_tokenizer": None}))
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in options["special"]])
    # Qwen has added tokens that are not special: they stay in the decoded text.
    tokenizer.add_tokens([AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False)])
    if kind in ("llama3", "mistral"):
        begin = options["named"]["bos_token"]
        template = processors.TemplateProcessing(
            single=f"{begin} $A", pair=f"{begin} $A {begin}:1 $B:1", special_tokens=[(begin, tokenizer.token_to_id(begin))]
        )
        sequence = processors.Sequence([processors.ByteLevel(trim_offsets=True), template])
        tokenizer.post_processor = sequence if kind == "llama3" else template
    elif kind == "qwen":
        tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        # As in Llama 3's file; transformers 5 ignores it for byte-pair encodings.
        clean_up_tokenization_spaces=kind == "llama3",
        **options["named"],
    )


def strings():
    """Words, numbers, white space, scripts, emoji, marks and special tokens in a random order."""
    draw = random.Random(SEED)
    words = CORPUS[0].split()
    special = sorted({text for options in KINDS.values() for text in options["special"]}) + ["<think>", "</think>"]
    letters = lambda low, high: lambda: "".join(chr(draw.randint(low, high)) for _ in range(draw.randint(1, 6)))  # noqa: E731
    pieces = [
        lambda: draw.choice(words),
        lambda: draw.choice(words) + " " + draw.choice(words),
        lambda: " " * draw.randint(1, 5),
        lambda: draw.choice(["\n", "\n\n", "\r\n", "\t", " \n", "\n  ", "\u00a0", "\u3000", "\u2009", "\u2028", "\x0b", "\x85", "\ufeff"]),
        lambda: str(draw.randint(0, 10 ** draw.randint(1, 12))),
        lambda: draw.choice(["'s", "'T", "'re", "'VE", "'m", "'ll", "'D", "’s", "'ſ", "n't", "'"]),
        lambda: "".join(draw.choice("!?.,;:-_/\\()[]{}<>|@#$%^&*+=~`\"'") for _ in range(draw.randint(1, 5))),
        letters(0x4E00, 0x9FA5),
        letters(0x3041, 0x30FF),
        letters(0xAC00, 0xD7A3),
        letters(0x410, 0x44F),
        letters(0x5D0, 0x5EA),
        letters(0x621, 0x64A),
        letters(0x905, 0x94D),
        letters(0xE01, 0xE3A),
        letters(0xC0, 0x24F),
        letters(0x1F600, 0x1F64F),
        letters(0x1D400, 0x1D4FF),
        lambda: draw.choice(["👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "1️⃣", "❤️", "🏴‍☠️"]),
        lambda: draw.choice("aeiounAEO") + "".join(chr(draw.randint(0x300, 0x36F)) for _ in range(draw.randint(1, 3))),
        lambda: draw.choice(["½", "²", "①", "Ⅷ", "٣٤", "१२", "߃", "ǅ", "ﬁ", "Å", "Ω", "각", "ö", "가"]),
        lambda: draw.choice(["".join(draw.choice("abcdefg") for _ in range(draw.randint(30, 90))), "donaudampfschiff" * 3]),
        lambda: draw.choice(special),
        lambda: draw.choice(["<|im_", "<|endoftext", "<think", "|>", "<|unknown|>"]),
        lambda: draw.choice(["\x00", "\x07", "\x7f", "\u200b", "\u200d", "\ue000", "\ufffd", "\U0010fffd"]),
    ]
    texts = ["", " ", "  ", "\n", "a", " a", "a ", "0", "0000000", "\u00e9 e\u0301", "'s", " 's 'S"]
    while len(texts) < STRINGS:
        joint = draw.choice(["", "", " "])
        texts.append(joint.join(draw.choice(pieces)() for _ in range(draw.randint(1, 7))))
    return texts


def main():
    kinds = {}
    texts = strings()
    for kind, options in KINDS.items():
        folder = FOLDER / "tokenizers" / kind
        shutil.rmtree(folder, ignore_errors=True)
        make_tokenizer(kind).save_pretrained(folder)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        encoded, decoded = [], {}
        for index, text in enumerate(texts):
            ids = tokenizer(text)["input_ids"]
            encoded.append(" ".join(map(str, ids)))
            back = tokenizer.decode(ids, skip_special_tokens=True)
            if back != text:
                decoded[index] = back
        chats = []
        for name in options["templates"]:
            # A template's file ends with a line feed that is not part of the template.
            template = (Path(FOLDER) / "chat_templates" / f"{name}.jinja").read_text(encoding="utf-8").removesuffix("\n")
            for conversation in CONVERSATIONS:
                messages = [{"role": role, "content": content} for role, content in conversation]
                for opened in (False, True):
                    given = {"chat_template": template, "add_generation_prompt": opened}
                    case = {"template": name, "messages": messages, "addGenerationPrompt": opened}
                    try:
                        case["text"] = tokenizer.apply_chat_template(messages, tokenize=False, **given)
                        case["ids"] = " ".join(map(str, tokenizer.apply_chat_template(messages, **given)["input_ids"]))
                    except TemplateError as error:
                        case["error"] = str(error)
                    chats.append(case)
        kinds[kind] = {"encoded": encoded, "decoded": decoded, "chats": chats}
    content = provenance("tokenizers_reference.py", ["transformers", "tokenizers", "jinja2"], SEED, "text")
    write_golden("tokenizers.json", {**content, "texts": texts, "kinds": kinds})


if __name__ == "__main__":
    main()
