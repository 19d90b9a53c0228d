"""Twelve steps of TRL's own trainers on the tiny Llama and its eight pairs: what apolab's trainer has to log as well.

The order is fixed with `train_sampling_strategy="sequential"`: step 1 sees pairs 0-3, step 2 pairs 4-7, step 3 pairs 0-3
again. KTOTrainer gets single responses: in a batch of 4 pairs first the 4 chosen ones, then the 4 rejected ones, so that
TRL's rotation (each prompt with the response before it in the batch, the first with the last) never meets a true pair.
"""

import tempfile

import torch
from datasets import Dataset
from pairs import PAIRS
from provenance import FOLDER, provenance, write_golden
from transformers import AutoTokenizer, LlamaForCausalLM
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer

SEED = 0
STEPS = 12
BATCH = 4
SETTINGS = {
    "learning_rate": 1e-3,
    "lr_scheduler_type": "constant",
    "warmup_steps": 0,
    "optim": "adamw_torch",
    "adam_beta1": 0.9,
    "adam_beta2": 0.98,
    "adam_epsilon": 1e-8,
    "weight_decay": 0.0,
    "max_grad_norm": 1.0,
    "max_steps": STEPS,
    "max_length": 64,
    "train_sampling_strategy": "sequential",
}
BETA = 0.1
METRICS = [
    "rewards/chosen",
    "rewards/rejected",
    "rewards/accuracies",
    "rewards/margins",
    "logps/chosen",
    "logps/rejected",
    "kl",
    "grad_norm",
]
MODELS = ["tiny-llama", "tiny-llama-tied"]


def paired():
    return Dataset.from_list([dict(zip(("prompt", "chosen", "rejected"), pair)) for pair in PAIRS])


def single():
    rows = []
    for start in range(0, len(PAIRS), BATCH):
        batch = PAIRS[start : start + BATCH]
        rows += [{"prompt": prompt, "completion": chosen, "label": True} for prompt, chosen, _ in batch]
        rows += [{"prompt": prompt, "completion": rejected, "label": False} for prompt, _, rejected in batch]
    return Dataset.from_list(rows)


def chosen_only():
    return Dataset.from_list([{"prompt": prompt, "completion": chosen} for prompt, chosen, _ in PAIRS])


RUNS = {
    "sft": (SFTTrainer, SFTConfig, chosen_only, BATCH, {"completion_only_loss": True}),
    "dpo": (DPOTrainer, DPOConfig, paired, BATCH, {"loss_type": ["sigmoid"], "beta": BETA}),
    "kto": (KTOTrainer, KTOConfig, single, 2 * BATCH, {"loss_type": "kto", "beta": BETA}),
    "apo_zero": (DPOTrainer, DPOConfig, paired, BATCH, {"loss_type": ["apo_zero"], "beta": BETA}),
    "apo_down": (DPOTrainer, DPOConfig, paired, BATCH, {"loss_type": ["apo_down"], "beta": BETA}),
    "apo_zero_unpaired": (KTOTrainer, KTOConfig, single, 2 * BATCH, {"loss_type": "apo_zero_unpaired", "beta": BETA}),
}


def train(name, objective):
    trainer_class, config_class, dataset, batch, options = RUNS[objective]

    class Recording(trainer_class):
        """Transformers rounds the logged loss to four digits; this keeps the one that was differentiated."""

        exact_losses = []

        def compute_loss(self, *args, **kwargs):
            loss = super().compute_loss(*args, **kwargs)
            self.exact_losses.append(float(loss.detach()))
            return loss

    with tempfile.TemporaryDirectory() as output:
        config = config_class(
            output_dir=output,
            seed=SEED,
            per_device_train_batch_size=batch,
            logging_steps=1,
            logging_strategy="steps",
            save_strategy="no",
            report_to="none",
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            disable_tqdm=True,
            **SETTINGS,
            **options,
        )
        trainer = Recording(
            model=LlamaForCausalLM.from_pretrained(FOLDER / name, dtype=torch.float32),
            args=config,
            train_dataset=dataset(),
            processing_class=AutoTokenizer.from_pretrained(FOLDER / name),
        )
        trainer.train()
    logged = [entry for entry in trainer.state.log_history if "loss" in entry]
    assert len(logged) == len(Recording.exact_losses) == STEPS
    for entry, exact in zip(logged, Recording.exact_losses):
        assert abs(entry["loss"] - exact) < 1e-3, (entry["loss"], exact)
    return [
        {"loss": exact, **{metric: entry[metric] for metric in METRICS if metric in entry}}
        for entry, exact in zip(logged, Recording.exact_losses)
    ]


def main():
    packages = ["torch", "trl", "transformers", "accelerate", "datasets"]
    content = {
        **provenance("trajectory.py", packages, SEED, "float32"),
        "settings": {**SETTINGS, "batch": BATCH, "beta": BETA},
        "models": {name: {objective: train(name, objective) for objective in RUNS} for name in MODELS},
    }
    write_golden("trajectory.json", content)


if __name__ == "__main__":
    main()
