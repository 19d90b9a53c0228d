"""Thirty steps of TRL's trainers on the tiny Llamas, which apolab's trainer must reproduce.

The runs use AdamW with weight decay, clipping that takes effect at some steps and not at others, warm-up and a cosine
schedule, and accumulation over two micro-batches. README.md describes the order of the pairs.

A second set of runs trains KTOTrainer on single responses, twice as many desirable as undesirable ones.

Each run is made twice, in float32 and in float64; their difference shows how much of the tolerance is rounding.
"""

import json
import random
import tempfile
from collections import defaultdict

import torch
import torch.nn.functional as F
from datasets import Dataset
from pairs import PAIRS, WORDS
from provenance import FOLDER, provenance, write_golden
from transformers import AutoTokenizer, LlamaForCausalLM
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

SEED = 0
# The models are tiny: more threads would be slower.
torch.set_num_threads(1)
STEPS = 30
BATCH = 3
ACCUMULATION = 2
# 10 micro-batches and 5 steps per epoch; the last micro-batch has only 2 pairs.
PAIR_COUNT = 29
SETTINGS = {
    "learning_rate": 1e-3,
    "lr_scheduler_type": "cosine",
    "warmup_steps": 3,
    "optim": "adamw_torch",
    "adam_beta1": 0.9,
    "adam_beta2": 0.98,
    # Larger than usual: otherwise AdamW turns the rounding error of a gradient that is nearly 0 into a full step.
    "adam_epsilon": 1e-5,
    "weight_decay": 0.5,
    "max_steps": STEPS,
    "max_length": 64,
    "train_sampling_strategy": "sequential",
    "gradient_accumulation_steps": ACCUMULATION,
}
METRICS = [
    "rewards/chosen",
    "rewards/rejected",
    "rewards/accuracies",
    "rewards/margins",
    "logps/chosen",
    "logps/rejected",
    "kl",
    "grad_norm",
    "learning_rate",
    "num_tokens",
]
MODELS = ["tiny-llama", "tiny-llama-tied"]
# 29 of the 30 single responses are left (see make_unpaired): 8 micro-batches and 4 steps per epoch; the last micro-batch has 1.
UNPAIRED_BATCH = 4
UNPAIRED_COUNT = 30
# Cuts some responses, and others only in the combinations that the KL is estimated from.
UNPAIRED_SETTINGS = {**SETTINGS, "max_length": 14}


def texts(draw):
    return lambda shortest, longest: [draw.choice(WORDS) for _ in range(draw.randint(shortest, longest))]


def make_pairs():
    """The eight of pairs.py, and random ones: half of them revise one word, half share nothing but the prompt."""
    draw = random.Random(SEED)
    text = texts(draw)
    pairs = list(PAIRS)
    while len(pairs) < PAIR_COUNT:
        prompt, chosen = text(2, 6), text(1, 14)
        rejected = list(chosen)
        if len(pairs) % 2 == 0:
            rejected[draw.randrange(len(rejected))] = draw.choice(WORDS)
        else:
            rejected = text(1, 14)
        if rejected != chosen:
            pairs.append((" ".join(prompt), " " + " ".join(chosen), " " + " ".join(rejected)))
    return pairs


ALL_PAIRS = make_pairs()


def make_unpaired():
    """Random responses, two desirable ones for each undesirable one.

    The second micro-batch of an epoch has only desirable ones, the third only undesirable ones, and the last step of an epoch only
    desirable ones. The prompt of row 10 fills `max_length` alone, so that the row is left out; every fifth row has the
    prompt of the row before it.
    """
    text = texts(random.Random(SEED + 1))
    undesirable = {1, 3, 8, 9, 11, 12, 17, 18, 20, 21}
    rows = []
    for index in range(UNPAIRED_COUNT):
        prompt = text(14, 16) if index == 10 else text(2, 6)
        repeated = index % 5 == 4
        rows.append(
            {
                "prompt": rows[-1]["prompt"] if repeated else " ".join(prompt),
                "completion": " " + " ".join(text(1, 14)),
                "label": index not in undesirable,
            }
        )
    return rows


UNPAIRED_ROWS = make_unpaired()


def paired():
    return Dataset.from_list([dict(zip(("prompt", "chosen", "rejected"), pair)) for pair in ALL_PAIRS])


def single():
    rows = []
    for start in range(0, len(ALL_PAIRS), BATCH):
        batch = ALL_PAIRS[start : start + BATCH]
        rows += [{"prompt": prompt, "completion": chosen, "label": True} for prompt, chosen, _ in batch]
        rows += [{"prompt": prompt, "completion": rejected, "label": False} for prompt, _, rejected in batch]
    return Dataset.from_list(rows)


def unpaired():
    return Dataset.from_list(UNPAIRED_ROWS)


def chosen_only():
    return Dataset.from_list([{"prompt": prompt, "completion": chosen} for prompt, chosen, _ in ALL_PAIRS])


class SummedLogProbs:
    """CPO's and ORPO's trainers log mean log-probabilities per token if their loss uses them; this always logs sums."""

    def get_batch_logps(self, logits, labels, average_log_prob=False, is_encoder_decoder=False):
        sums = super().get_batch_logps(logits, labels, False, is_encoder_decoder).detach()
        self.summed = sums.chunk(2)
        return super().get_batch_logps(logits, labels, average_log_prob, is_encoder_decoder)

    def get_batch_loss_metrics(self, model, batch, train_eval="train"):
        loss, metrics = super().get_batch_loss_metrics(model, batch, train_eval)
        for name, sums in zip(("chosen", "rejected"), self.summed):
            metrics[f"logps/{name}"] = sums.mean().item()
        return loss, metrics


class SummedCPOTrainer(SummedLogProbs, CPOTrainer):
    pass


class ResponseORPOTrainer(SummedLogProbs, ORPOTrainer):
    """TRL's likelihood term covers prompt and response; this one covers the response, as in the paper."""

    def concatenated_forward(self, model, batch):
        chosen, rejected, chosen_logits, rejected_logits, _ = super().concatenated_forward(model, batch)
        labels = self.concatenated_inputs(batch, padding_value=self.padding_value)["concatenated_labels"]
        labels = labels[: len(chosen), 1:]
        nll = F.cross_entropy(chosen_logits.reshape(-1, chosen_logits.shape[-1]), labels.reshape(-1))
        return chosen, rejected, chosen_logits, rejected_logits, nll


def dpo(loss_type, clip, beta=0.1, **more):
    return (DPOTrainer, DPOConfig, paired, BATCH, {"loss_type": [loss_type], "beta": beta, **more}, clip)


def kto(loss_type, clip, beta=0.1, **more):
    return (KTOTrainer, KTOConfig, single, 2 * BATCH, {"loss_type": loss_type, "beta": beta, **more}, clip)


def unpaired_kto(loss_type, clip, beta=0.1, **more):
    return (KTOTrainer, KTOConfig, unpaired, UNPAIRED_BATCH, {"loss_type": loss_type, "beta": beta, **more}, clip)


def cpo(loss_type, clip, **more):
    return (SummedCPOTrainer, CPOConfig, paired, BATCH, {"loss_type": loss_type, **more}, clip)


# Trainer, its configuration, data, rows per micro-batch, the objective's options by TRL's names, and the norm to clip at:
# near the median of the run's norms, so that about half of the steps are clipped.
RUNS = {
    "sft": (SFTTrainer, SFTConfig, chosen_only, BATCH, {"completion_only_loss": True}, 4.6),
    "dpo": dpo("sigmoid", 1.2),
    "kto": kto("kto", 0.6),
    "apo_zero": dpo("apo_zero", 1.2),
    "apo_down": dpo("apo_down", 1.1),
    "apo_zero_unpaired": kto("apo_zero_unpaired", 0.6),
    "ipo": dpo("ipo", 45.0),
    "bco_pair": dpo("bco_pair", 1.9),
    "robust_dpo": dpo("robust", 1.9, label_smoothing=0.1),
    "dpo_norm": dpo("sigmoid_norm", 0.7, beta=5.0),
    "simpo": cpo("simpo", 3.0, beta=2.0, simpo_gamma=1.0, cpo_alpha=0.0),
    "cpo": cpo("sigmoid", 6.5, beta=0.1, cpo_alpha=1.0),
    "orpo": (ResponseORPOTrainer, ORPOConfig, paired, BATCH, {"beta": 0.1}, 5.0),
}
UNPAIRED_RUNS = {
    "kto": unpaired_kto("kto", 0.9, desirable_weight=1.0, undesirable_weight=2.0),
    "apo_zero_unpaired": unpaired_kto("apo_zero_unpaired", 0.6, desirable_weight=0.75, undesirable_weight=1.5),
}
# Apolab's names of those options; a `loss_type` is part of the objective's id.
OPTIONS = {
    "beta": "beta",
    "desirable_weight": "desirableWeight",
    "undesirable_weight": "undesirableWeight",
    "label_smoothing": "labelSmoothing",
    "simpo_gamma": "gamma",
    "cpo_alpha": "likelihoodWeight",
}


def train(name, run, settings, dtype):
    trainer_class, config_class, dataset, batch, options, clip = run

    class Recording(trainer_class):
        """Transformers rounds the logged loss; this keeps the differentiated loss of each step."""

        exact_losses = defaultdict(float)

        def training_step(self, *args, **kwargs):
            loss = super().training_step(*args, **kwargs)
            self.exact_losses[self.state.global_step] += float(loss)
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
            max_grad_norm=clip,
            **settings,
            **options,
        )
        trainer = Recording(
            model=LlamaForCausalLM.from_pretrained(FOLDER / name, dtype=dtype),
            args=config,
            train_dataset=dataset(),
            processing_class=AutoTokenizer.from_pretrained(FOLDER / name),
        )
        # With one process there is nothing to gather, but at the end of an epoch accelerate treats the pairs that fill up the
        # last batch as copies and removes them; because transformers prefetches, from the batch before it.
        trainer.accelerator.gather_for_metrics = lambda values, *_, **__: values
        trainer.train()
    logged = [entry for entry in trainer.state.log_history if "loss" in entry]
    exact_losses = [Recording.exact_losses[step] for step in range(STEPS)]
    assert len(logged) == len(Recording.exact_losses) == STEPS
    for entry, exact in zip(logged, exact_losses):
        assert abs(entry["loss"] - exact) < 1e-3, (entry["loss"], exact)
    return [
        {"loss": exact, **{metric: entry[metric] for metric in METRICS if metric in entry}}
        for entry, exact in zip(logged, exact_losses)
    ]


def checked(name, objective, run, settings):
    """The float32 run; asserts that some steps were clipped and others not, and that float64 differs only by rounding."""
    steps = train(name, run, settings, torch.float32)
    exact = train(name, run, settings, torch.float64)
    clipped = sum(step["grad_norm"] > run[-1] for step in steps)
    assert 5 <= clipped <= STEPS - 5, f"{objective} on {name} was clipped at {clipped} of {STEPS} steps"
    for metric in {metric for step in steps for metric in step}:
        size = max(abs(step[metric]) for step in exact if metric in step) or 1
        worst = max(abs(a[metric] - b[metric]) for a, b in zip(steps, exact) if metric in a) / size
        assert worst < 5e-5, f"{objective} on {name}: rounding moves {metric} by {worst:.1e} of its size"
    return steps


def made(runs, settings, batch):
    """The settings, the objectives' options and the steps of all runs on one kind of data."""
    return {
        "settings": {**settings, "batch": batch},
        "runs": {
            objective: {
                "trainer": next(one.__name__ for one in trainer.__mro__ if one.__module__.startswith("trl.")),
                "trl": options,
                "objectiveOptions": {OPTIONS[name]: value for name, value in options.items() if name in OPTIONS},
                "max_grad_norm": clip,
            }
            for objective, (trainer, _, _, _, options, clip) in runs.items()
        },
        "models": {
            name: {objective: checked(name, objective, run, settings) for objective, run in runs.items()}
            for name in MODELS
        },
    }


def write_rows(file, rows):
    (FOLDER / file).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def main():
    packages = ["torch", "trl", "transformers", "accelerate", "datasets"]
    content = {
        **provenance("trajectories.py", packages, SEED, "float32"),
        **made(RUNS, SETTINGS, BATCH),
        "unpaired": made(UNPAIRED_RUNS, UNPAIRED_SETTINGS, UNPAIRED_BATCH),
    }
    write_golden("trajectories.json", content)
    write_rows("trajectory-pairs.jsonl", [dict(zip(("prompt", "chosen", "rejected"), pair)) for pair in ALL_PAIRS])
    write_rows("trajectory-unpaired.jsonl", UNPAIRED_ROWS)


if __name__ == "__main__":
    main()
