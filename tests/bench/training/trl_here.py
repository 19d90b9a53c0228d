"""One epoch with TRL's DPOTrainer, on the inputs that apolab gets. Prints JSON: seconds, seconds of the processor, losses.

Argument: the JSON object that here.mjs gets, with `precompute`. The seconds are those of the reference pass and of `train()`, without
loading and tokenizing.
"""

import json
import os
import sys
import tempfile
import time

os.environ.update(HF_HUB_OFFLINE="1", TQDM_DISABLE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
import torch
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer


class Timed(DPOTrainer):
    def __init__(self, *args, **kwargs):
        self.seconds = [0.0, 0.0]
        super().__init__(*args, **kwargs)

    def timed(self, work):
        before = time.perf_counter(), time.process_time()
        result = work()
        after = time.perf_counter(), time.process_time()
        self.seconds = [sum + end - start for sum, end, start in zip(self.seconds, after, before)]
        return result

    def _precompute_ref_logps(self, *args, **kwargs):
        return self.timed(lambda: super(Timed, self)._precompute_ref_logps(*args, **kwargs))


def adapter_config(case):
    from peft import LoraConfig

    return LoraConfig.from_pretrained(case["adapter"])


def main():
    case = json.loads(sys.argv[1])
    torch.set_num_threads(case["threads"])
    with tempfile.TemporaryDirectory() as output:
        # A cache of its own: TRL would read precomputed log-probabilities from the cache of the last run.
        rows = load_dataset("json", data_files=case["pairs"], split="train", cache_dir=output).select(range(case["count"]))
        trainer = Timed(
            model=AutoModelForCausalLM.from_pretrained(case["model"], dtype=torch.float32),
            processing_class=AutoTokenizer.from_pretrained(case["model"]),
            train_dataset=rows,
            peft_config=adapter_config(case) if "adapter" in case else None,
            args=DPOConfig(
                output_dir=output,
                loss_type=["apo_zero"],
                beta=0.1,
                learning_rate=case["learningRate"],
                lr_scheduler_type="constant",
                per_device_train_batch_size=case["batch"],
                num_train_epochs=1,
                train_sampling_strategy="sequential",
                max_length=1024,
                precompute_ref_log_probs=case.get("precompute", False),
                gradient_checkpointing=False,
                use_cpu=True,
                bf16=False,
                logging_steps=1,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
            ),
        )
        if "adapter" in case:
            # The same initial weights on both sides.
            from peft import load_peft_weights, set_peft_model_state_dict

            set_peft_model_state_dict(trainer.model, load_peft_weights(case["adapter"], device="cpu"))
        trainer.timed(trainer.train)
        seconds, cpu_seconds = trainer.seconds
    losses = [float(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]
    print()
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "losses": losses, "pairs": len(rows)}))


if __name__ == "__main__":
    main()
