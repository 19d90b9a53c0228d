"""LoRA adapters as PEFT saves them, with B not zero, and what PEFT computes with them: logits and gradients."""

import json
import shutil

import torch
from model import PROMPTS
from peft import LoraConfig, PeftModel, get_peft_model
from provenance import FOLDER, provenance, write_golden
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

SEED = 13
ADAPTERS = {
    "lora": ("architectures/qwen2", {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj", "down_proj"]}),
    "rslora": ("tiny-llama", {"r": 3, "lora_alpha": 6, "target_modules": "all-linear", "use_rslora": True}),
    "one-layer": ("architectures/qwen3", {"r": 2, "lora_alpha": 3, "target_modules": ["o_proj"], "layers_to_transform": [1]}),
}


def make_adapter(name, base, options):
    torch.manual_seed(SEED)
    model = AutoModelForCausalLM.from_pretrained(FOLDER / base, dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **options))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_B" in key:
                parameter += 0.2 * torch.randn_like(parameter)
    folder = FOLDER / "adapters" / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    # The base model's path differs between machines.
    file = folder / "adapter_config.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["target_modules"] = sorted(content["target_modules"])
    file.write_text(json.dumps({**content, "base_model_name_or_path": base}, indent=2) + "\n", encoding="utf-8")
    return folder


def main():
    adapters = {}
    for name, (base, options) in ADAPTERS.items():
        folder = make_adapter(name, base, options)
        # Everything below is computed with the adapter as it was saved.
        model = AutoModelForCausalLM.from_pretrained(FOLDER / base, dtype=torch.float32)
        model = PeftModel.from_pretrained(model, folder, is_trainable=True).eval()
        ids = AutoTokenizer.from_pretrained(FOLDER / base)(PROMPTS[-1], return_tensors="pt")["input_ids"]
        logits = model(ids).logits[0]
        # The gradient of the negative log-likelihood of all tokens except the first.
        loss = -logits[:-1].log_softmax(-1).gather(1, ids[0, 1:, None]).sum()
        loss.backward()
        gradients = {
            key.replace(".default.", "."): parameter.grad.clone().contiguous()
            for key, parameter in model.named_parameters()
            if parameter.requires_grad
        }
        save_file(gradients, FOLDER / "adapters" / f"{name}-gradients.safetensors")
        rows = [[round(value, 6) for value in row] for row in logits.tolist()]
        adapters[name] = {"base": base, "ids": ids[0].tolist(), "loss": float(loss), "logits": rows}
    content = provenance("lora.py", ["torch", "transformers", "peft", "safetensors"], SEED, "float32")
    write_golden("lora.json", {**content, "adapters": adapters})


if __name__ == "__main__":
    main()
