"""GGUF files with random weights, and what PyPI's gguf, transformers and SentencePiece make of them.

- `types.gguf`: four blocks of every number type, of random bytes; the values are those of `gguf.dequantize`.
- A small model per architecture, in quantized and other types. Its weights are random blocks in transformers' order of rows; the
  rows of queries and keys are then written in llama.cpp's order. The logits are those of the model in transformers with the same
  weights, and transformers' own reading of the file must agree with them.
- The vocabularies are those of `tokenizers/`, so the ids of 500 texts are those of the original tokenizers. The one in
  SentencePiece's style is trained here, and its ids are SentencePiece's. How many of them transformers' reading of the file
  differs in is counted: it does not know every pre-tokenizer, and no beginning of a text with a space.
"""

import base64
import hashlib
import io
import json
import shutil

import gguf
import numpy as np
import sentencepiece
import torch
from gguf import GGMLQuantizationType as Type
from gguf import TokenType
from provenance import FOLDER, provenance, write_golden
from tokenizers_reference import CORPUS
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

SEED = 17
TARGET = FOLDER / "gguf"
TYPES = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"]
# Per type: where a block's scale and its minimum (a half each) are, the scale that gives weights of about 0.2, and the
# minimum as a multiple of the scale.
SCALES = {
    "Q8_0": (0, None, 0.003, 0),
    "Q4_0": (0, None, 0.04, 0),
    "Q4_1": (0, 2, 0.04, -7.5),
    "Q5_0": (0, None, 0.02, 0),
    "Q5_1": (0, 2, 0.02, -15.5),
    "Q4_K": (0, 2, 0.001, 7.5),
    "Q5_K": (0, 2, 0.0005, 15.5),
    "Q6_K": (208, None, 0.00015, 0),
}
LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
LLAMA_3 = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
# `types` are dealt to the matrices in turn; a type whose blocks do not fit into a row becomes Q8_0.
MODELS = {
    "llama": {"config": {"model_type": "llama", "tie_word_embeddings": True}, "tokenizer": "smollm", "types": ["Q4_1", "Q8_0"]},
    "llama3": {
        "config": {"model_type": "llama", "rope_parameters": LLAMA_3, "attention_bias": True},
        "tokenizer": "llama3",
        "types": ["Q5_0", "Q5_1"],
        "unread": "transformers does not read rope_freqs.weight",
    },
    "mistral": {
        "config": {"model_type": "mistral", "sliding_window": None},
        "architecture": "llama",
        "tokenizer": "sentencepiece",
        "types": ["F16", "Q4_0"],
    },
    "qwen2": {"config": {"model_type": "qwen2", "tie_word_embeddings": True}, "tokenizer": "qwen", "types": ["BF16", "Q5_0"]},
    # Heads are wider than hidden size / heads.
    "qwen3": {
        "config": {"model_type": "qwen3", "hidden_size": 64, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 128},
        "tokenizer": "qwen",
        "types": ["Q4_0", "Q5_1"],
    },
    # Blocks of 256, and heads narrower than hidden size / heads.
    "llama-blocks": {
        "config": {"model_type": "llama", "hidden_size": 256, "num_hidden_layers": 1, "tie_word_embeddings": True, "head_dim": 16},
        "tokenizer": "smollm",
        "types": ["Q4_K", "Q5_K", "Q6_K"],
    },
    "smollm3": {
        "config": {"model_type": "smollm3", "num_hidden_layers": 4, "tie_word_embeddings": True, "pad_token_id": 0},
        "tokenizer": "llama3",
        "types": ["Q4_0", "F32"],
        "unread": "transformers does not know the architecture in GGUF",
    },
}
PRE = {"smollm": "smollm", "llama3": "llama-bpe", "qwen": "qwen2"}
TEMPLATES = {"smollm": "smollm2", "llama3": "llama3", "qwen": "qwen2.5", "sentencepiece": "mistral"}


def random_blocks(random, shape, name, wild=False):
    """Blocks of random bytes as `[rows, bytes]`; if `wild`, with scales of every magnitude and sign."""
    if name in ("F32", "F16", "BF16"):
        values = (0.2 * random.standard_normal(shape)).astype(np.float32)
        if name == "F32":
            return values.view(np.uint8)
        return values.astype(np.float16).view(np.uint8) if name == "F16" else gguf.quantize(values, Type.BF16).view(np.uint8)
    values_per_block, size = gguf.GGML_QUANT_SIZES[Type[name]]
    count = shape[0] * shape[1] // values_per_block
    blocks = random.integers(0, 256, (count, size), dtype=np.uint8)
    scale_at, minimum_at, scale, minimum = SCALES[name]
    scales = scale * random.uniform(0.5, 1.5, count)
    fields = [(scale_at, scales)] + ([] if minimum_at is None else [(minimum_at, minimum * scales)])
    for at, values in fields:
        halves = values.astype(np.float16)
        if wild:  # Every bit pattern of a half but infinities and NaNs.
            bits = random.integers(0, 2**16, count, dtype=np.uint16)
            halves = np.where((bits & 0x7C00) == 0x7C00, bits & 0x83FF, bits).astype(np.uint16).view(np.float16)
        blocks[:, at : at + 2] = halves.view(np.uint8).reshape(count, 2)
    return blocks.reshape(shape[0], -1)


def type_cases(random):
    writer = gguf.GGUFWriter(TARGET / "types.gguf", "llama")
    cases = {}
    for name in TYPES:
        blocks = random_blocks(random, (4, 256), name, wild=True)
        add_tensor(writer, name, blocks, name)
        values = gguf.dequantize(blocks, Type[name]).astype("<f4")
        cases[name] = base64.b64encode(values.tobytes()).decode()
    finish(writer)
    return cases


def add_tensor(writer, name, blocks, kind):
    if kind == "F32":
        writer.add_tensor(name, blocks.view(np.float32))
    else:
        writer.add_tensor(name, blocks, raw_dtype=Type[kind])


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llama_rows(blocks, heads):
    """llama.cpp's order of a head's rows (convert_hf_to_gguf.py, `permute`)."""
    head = blocks.shape[0] // heads
    return blocks.reshape(heads, 2, head // 2, -1).swapaxes(1, 2).reshape(blocks.shape)


def gguf_name(name):
    module, kind = name.rsplit(".", 1)
    top = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    if module in top:
        return f"{top[module]}.{kind}"
    _, _, layer, part = module.split(".", 3)
    return f"blk.{layer}.{LAYER[part]}.{kind}"


def add_metadata(writer, config):
    writer.add_name("golden mistral" if config.model_type == "mistral" else "golden")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    head_size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    if config.model_type == "qwen3":
        writer.add_key_length(head_size)
        writer.add_value_length(head_size)
    else:
        writer.add_rope_dimension_count(head_size)
    writer.add_vocab_size(config.vocab_size)


def byte_level_vocabulary(writer, kind):
    content = json.loads((FOLDER / "tokenizers" / kind / "tokenizer.json").read_text(encoding="utf-8"))
    tokens = dict(content["model"]["vocab"])
    kinds = dict.fromkeys(tokens.values(), TokenType.NORMAL)
    for added in content["added_tokens"]:
        tokens[added["content"]] = added["id"]
        kinds[added["id"]] = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
    ordered = sorted(tokens, key=tokens.get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE[kind])
    writer.add_token_list(ordered)
    writer.add_token_types([kinds[index] for index in range(len(ordered))])
    writer.add_token_merges([" ".join(merge) for merge in content["model"]["merges"]])
    given = json.loads((FOLDER / "tokenizers" / kind / "tokenizer_config.json").read_text(encoding="utf-8"))
    named = {name: tokens[given[name]] for name in ("bos_token", "eos_token", "unk_token", "pad_token") if given.get(name)}
    return len(ordered), named


def sentencepiece_vocabulary(writer):
    processor = sentencepiece_processor()
    size = processor.get_piece_size()

    def kind(index):
        if processor.is_unknown(index):
            return TokenType.UNKNOWN
        if processor.is_control(index):
            return TokenType.CONTROL
        return TokenType.BYTE if processor.is_byte(index) else TokenType.NORMAL

    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([processor.id_to_piece(index) for index in range(size)])
    writer.add_token_scores([processor.get_score(index) for index in range(size)])
    writer.add_token_types([kind(index) for index in range(size)])
    return size, {"bos_token": processor.bos_id(), "eos_token": processor.eos_id(), "unk_token": processor.unk_id()}


def sentencepiece_processor():
    model = io.BytesIO()
    sentences = [line for text in CORPUS for line in text.split("\n")]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_writer=model,
        model_type="bpe",
        vocab_size=620,
        character_coverage=0.98,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        max_sentence_length=100_000,
        minloglevel=2,
        num_threads=1,
    )
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def make_model(name, options, random):
    """Writes NAME.gguf and returns the model in transformers with the same weights, and their hashes."""
    writer = gguf.GGUFWriter(TARGET / f"{name}.gguf", options.get("architecture", options["config"]["model_type"]))
    kind = options["tokenizer"]
    size, named = sentencepiece_vocabulary(writer) if kind == "sentencepiece" else byte_level_vocabulary(writer, kind)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    ids = {"bos_token_id": named.get("bos_token"), "eos_token_id": named["eos_token"]}
    config = AutoConfig.for_model(
        **{**sizes, "num_key_value_heads": 2, "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "vocab_size": size}
        | {"tie_word_embeddings": False}
        | ids
        | options["config"]
    )
    add_metadata(writer, config)
    writer.add_chat_template(template(kind))
    for token, index in named.items():
        add = {"bos_token": "bos", "eos_token": "eos", "unk_token": "unk", "pad_token": "pad"}[token]
        getattr(writer, f"add_{add}_token_id")(index)
    model = AutoModelForCausalLM.from_config(config).eval()
    tied = config.tie_word_embeddings
    weights, kinds, dealt = {}, {}, 0
    for parameter, initial in model.state_dict().items():
        if parameter == "lm_head.weight" and tied:
            continue
        shape = tuple(initial.shape)
        if len(shape) == 1:
            stored, number_type = (1 + 0.2 * random.standard_normal(shape)).astype(np.float32), "F32"
            values = stored
            rows = stored.reshape(-1, 1)
        else:
            number_type = options["types"][dealt % len(options["types"])]
            dealt += 1
            if shape[1] % gguf.GGML_QUANT_SIZES[Type[number_type]][0] != 0:
                number_type = "Q8_0"
            rows = random_blocks(random, shape, number_type)
            values = gguf.dequantize(rows, Type[number_type]).reshape(shape)
        permuted = config.model_type in ("llama", "mistral", "smollm3")
        if permuted and ".q_proj." in parameter:
            rows = llama_rows(rows, config.num_attention_heads)
        if permuted and ".k_proj." in parameter:
            rows = llama_rows(rows, config.num_key_value_heads)
        add_tensor(writer, gguf_name(parameter), rows.reshape(-1) if len(shape) == 1 else rows, number_type)
        weights[parameter], kinds[parameter] = torch.from_numpy(values.copy()), number_type
    if config.rope_parameters.get("rope_type") == "llama3":
        plain = 500000.0 ** (-np.arange(0, config.head_dim, 2) / config.head_dim)
        scaled = model.model.rotary_emb.inv_freq.numpy()
        writer.add_tensor("rope_freqs.weight", (plain / scaled).astype(np.float32))
    finish(writer)
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    hashes = {key: hashlib.sha256(value.numpy().astype("<f4").tobytes()).hexdigest() for key, value in weights.items()}
    return model, {"types": kinds, "hashes": hashes}


def template(kind):
    return (FOLDER / "chat_templates" / f"{TEMPLATES[kind]}.jinja").read_text(encoding="utf-8").removesuffix("\n")


@torch.no_grad()
def model_case(name, options, random):
    model, case = make_model(name, options, random)
    ids = random.integers(0, model.config.vocab_size, 9).tolist()
    logits = model(torch.tensor([ids])).logits[0]
    if "unread" in options:
        case["unread"] = options["unread"]
    else:
        read = AutoModelForCausalLM.from_pretrained(TARGET, gguf_file=f"{name}.gguf", dtype=torch.float32).eval()
        difference = float((read(torch.tensor([ids])).logits[0] - logits).abs().max())
        assert difference < 1e-4, (name, difference)
    # The last two positions depend on all others.
    return {**case, "ids": ids, "logits": [[round(value, 6) for value in row] for row in logits[-2:].tolist()]}


def texts_of(kind, texts):
    """The 500 texts, and for SentencePiece, which takes special tokens for text, as many without them."""
    if kind != "sentencepiece":
        return texts
    plain = [text for text in texts if not any(token in text for token in ("<s>", "</s>", "<unk>"))]
    return plain + [f"{one} {other}" for one, other in zip(plain, plain[7:])][: len(texts) - len(plain)]


def tokenizer_case(name, kind, golden):
    texts = texts_of(kind, golden["texts"])
    assert len(texts) == 500
    if kind == "sentencepiece":
        processor = sentencepiece_processor()
        encoded = [" ".join(map(str, [processor.bos_id(), *processor.encode(text)])) for text in texts]
    else:
        encoded = golden["kinds"][kind]["encoded"]
    # The ids of the others are in tokenizers.json.
    case = {"tokenizer": kind, **({"texts": texts, "encoded": encoded} if kind == "sentencepiece" else {})}
    read = AutoTokenizer.from_pretrained(TARGET, gguf_file=f"{name}.gguf")
    assert read.chat_template == template(kind)
    differs = sum(" ".join(map(str, read(text)["input_ids"])) != ids for text, ids in zip(texts, encoded))
    return {**case, "transformersDiffers": differs}


def main():
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    random = np.random.default_rng(SEED)
    golden = json.loads((FOLDER / "tokenizers.json").read_text(encoding="utf-8"))
    types = type_cases(random)
    models = {name: model_case(name, options, random) for name, options in MODELS.items()}
    tokenizers = {
        name: tokenizer_case(name, MODELS[name]["tokenizer"], golden) for name in ("llama", "llama3", "mistral", "qwen2")
    }
    templates = {name: template(options["tokenizer"]) for name, options in MODELS.items()}
    content = provenance("gguf_files.py", ["gguf", "transformers", "torch", "numpy", "sentencepiece"], SEED, "float32")
    write_golden("gguf.json", {**content, "types": types, "models": models, "tokenizers": tokenizers, "templates": templates})


if __name__ == "__main__":
    main()
