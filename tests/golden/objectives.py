"""Losses, rewards and gradients of every objective, twice: from the published formulas and from TRL's own loss code.

The formulas are written in torch float64 and differentiated by autograd. TRL's trainers are created without their
constructors (which need a model and a dataset), and their own `_compute_loss` is called with a stand-in model that returns
the log-probabilities of the case. Both are asserted to agree before anything is written.

TRL 1.16 has no unpaired BCO and no DPOP: for these there is only the formula, and `trl` is null. ORPO is not defined for a
probability above 1: such cases have null for `orpo`. ORPOTrainer computes in float32, so it agrees to 1e-5.
"""

from collections import defaultdict
from types import SimpleNamespace

import torch
from provenance import provenance, write_golden
from trl import DPOTrainer, KTOTrainer
from trl.experimental.cpo import CPOTrainer
from trl.experimental.orpo import ORPOTrainer

SEED = 20240815
torch.manual_seed(SEED)

# --- the published formulas -------------------------------------------------------------------------------------------


def sft(case, chosen_reward, rejected_reward, margin):
    return -case["policyChosen"] / case["chosenTokens"].mean()


def dpo(case, chosen_reward, rejected_reward, margin):
    return smoothed(case, margin)


def smoothed(case, margin):
    flipped = case["labelSmoothing"]
    return -(1 - flipped) * log_sigmoid(margin) - flipped * log_sigmoid(-margin)


def robust_dpo(case, chosen_reward, rejected_reward, margin):
    flipped = case["labelSmoothing"]
    return (-(1 - flipped) * log_sigmoid(margin) + flipped * log_sigmoid(-margin)) / (1 - 2 * flipped)


def per_token_difference(case):
    chosen = (case["policyChosen"] - case["referenceChosen"]) / case["chosenTokens"]
    rejected = (case["policyRejected"] - case["referenceRejected"]) / case["rejectedTokens"]
    return chosen - rejected


def dpo_norm(case, chosen_reward, rejected_reward, margin):
    return smoothed(case, case["beta"] * per_token_difference(case))


def ipo(case, chosen_reward, rejected_reward, margin):
    return (per_token_difference(case) - 1 / (2 * case["beta"])) ** 2


def dpop(case, chosen_reward, rejected_reward, margin):
    penalty = case["penaltyWeight"] * torch.relu(case["referenceChosen"] - case["policyChosen"])
    return smoothed(case, margin - case["beta"] * penalty)


def bco_pair(case, chosen_reward, rejected_reward, margin):
    return -log_sigmoid(chosen_reward) - log_sigmoid(-rejected_reward)


def bco(case, chosen_reward, rejected_reward, margin):
    shift = case["rewardShift"]
    desirable = case["desirableWeight"] * -log_sigmoid(chosen_reward - shift)
    undesirable = case["undesirableWeight"] * -log_sigmoid(-(rejected_reward - shift))
    return torch.cat([desirable, undesirable])


def cpo(case, chosen_reward, rejected_reward, margin):
    margin = case["beta"] * (case["policyChosen"] - case["policyRejected"])
    return smoothed(case, margin) + case["likelihoodWeight"] * sft(case, None, None, None)


def simpo(case, chosen_reward, rejected_reward, margin):
    chosen, rejected = per_token(case)
    margin = case["beta"] * (chosen - rejected) - case["gamma"]
    return smoothed(case, margin) + case["likelihoodWeight"] * sft(case, None, None, None)


def orpo(case, chosen_reward, rejected_reward, margin):
    chosen, rejected = per_token(case)
    # 1 - p as -expm1: the difference would lose all digits if p is nearly 1.
    odds = [log_p - torch.log(-torch.expm1(log_p)) for log_p in (chosen, rejected)]
    return sft(case, None, None, None) - case["beta"] * log_sigmoid(odds[0] - odds[1])


def per_token(case):
    return case["policyChosen"] / case["chosenTokens"], case["policyRejected"] / case["rejectedTokens"]


log_sigmoid = torch.nn.functional.logsigmoid


def kto(case, chosen_reward, rejected_reward, margin):
    anchor = case["beta"] * case["kl"]
    desirable = case["desirableWeight"] * (1 - torch.sigmoid(chosen_reward - anchor))
    undesirable = case["undesirableWeight"] * (1 - torch.sigmoid(anchor - rejected_reward))
    return torch.cat([desirable, undesirable])


def apo_zero(case, chosen_reward, rejected_reward, margin):
    return -torch.sigmoid(chosen_reward) + torch.sigmoid(rejected_reward) + 1


def apo_down(case, chosen_reward, rejected_reward, margin):
    return torch.sigmoid(chosen_reward) - torch.sigmoid(margin) + 1


def apo_zero_unpaired(case, chosen_reward, rejected_reward, margin):
    desirable = case["desirableWeight"] * (1 - torch.sigmoid(chosen_reward))
    undesirable = case["undesirableWeight"] * torch.sigmoid(rejected_reward)
    return torch.cat([desirable, undesirable])


FORMULAS = {
    formula.__name__: formula
    for formula in (
        *(sft, dpo, kto, apo_zero, apo_down, apo_zero_unpaired),
        *(dpo_norm, robust_dpo, dpop, ipo, bco_pair, bco, cpo, simpo, orpo),
    )
}
DPO_LOSS_TYPES = {
    "sft": "sft",
    "dpo": "sigmoid",
    "apo_zero": "apo_zero",
    "apo_down": "apo_down",
    "dpo_norm": "sigmoid_norm",
    "robust_dpo": "robust",
    "ipo": "ipo",
    "bco_pair": "bco_pair",
}
KTO_LOSS_TYPES = ("kto", "apo_zero_unpaired")
# Their logged rewards are beta times the policy's log-probability, summed or as a mean per token.
REFERENCE_FREE = {"cpo": "sums", "simpo": "means", "orpo": "means"}


def logged_rewards(objective, case):
    if objective not in REFERENCE_FREE:
        chosen, rejected = (case["policyChosen"] - case["referenceChosen"], case["policyRejected"] - case["referenceRejected"])
    elif REFERENCE_FREE[objective] == "sums":
        chosen, rejected = case["policyChosen"], case["policyRejected"]
    else:
        chosen, rejected = per_token(case)
    return case["beta"] * chosen, case["beta"] * rejected


def from_formula(objective, case):
    chosen_ratio = case["policyChosen"] - case["referenceChosen"]
    rejected_ratio = case["policyRejected"] - case["referenceRejected"]
    beta = case["beta"]
    return FORMULAS[objective](case, beta * chosen_ratio, beta * rejected_ratio, beta * (chosen_ratio - rejected_ratio))


# --- TRL's own code ---------------------------------------------------------------------------------------------------


class StandInAccelerator:
    device = torch.device("cpu")
    gather = gather_for_metrics = staticmethod(lambda value: value)


class StandInModel:
    """Returns the case's log-probabilities, each distributed evenly over the tokens of its response."""

    training = True

    def __init__(self, per_token):
        nothing = torch.zeros_like(per_token)
        self.outputs = SimpleNamespace(
            log_probs=per_token, entropy=nothing, mean_logits=nothing, is_top1=torch.zeros_like(per_token, dtype=bool)
        )

    def __call__(self, **_):
        return self.outputs


def completion_mask(tokens):
    """[rows, 1 + longest]: position 0 is the prompt's only token."""
    longest = int(tokens.max())
    return (torch.arange(longest + 1) >= 1) & (torch.arange(longest + 1) <= tokens[:, None])


def bare_trainer(trainer_class, model, **attributes):
    trainer = object.__new__(trainer_class)
    trainer.__dict__.update(
        accelerator=StandInAccelerator(),
        model=model,
        aux_loss_enabled=False,
        precompute_ref_logps=True,
        _metrics={"train": defaultdict(list)},
        _total_train_tokens=0,
        _tp_size=1,
        **attributes,
    )
    return trainer


def from_trl(objective, case):
    """(loss of the whole batch, metrics) by TRL's own code, or None if TRL has no such objective."""
    if objective in REFERENCE_FREE:
        return from_trl_without_reference(objective, case)
    if objective in DPO_LOSS_TYPES or objective in KTO_LOSS_TYPES:
        return from_trl_with_reference(objective, case)
    return None


def from_trl_without_reference(objective, case):
    """By `get_batch_loss_metrics`, whose forward pass is the stand-in: it returns log-probabilities and the likelihood term."""
    logps = per_token(case) if REFERENCE_FREE[objective] == "means" else (case["policyChosen"], case["policyRejected"])
    nothing = torch.zeros(1, dtype=torch.float64)
    trainer = object.__new__(ORPOTrainer if objective == "orpo" else CPOTrainer)
    trainer.__dict__.update(
        accelerator=StandInAccelerator(),
        aux_loss_enabled=False,
        alpha=0.0,
        beta=case["beta"],
        label_smoothing=case["labelSmoothing"],
        loss_type={"cpo": "sigmoid"}.get(objective, objective),
        cpo_alpha=case["likelihoodWeight"],
        simpo_gamma=case["gamma"],
        concatenated_forward=lambda *_: (*logps, nothing, nothing, sft(case, None, None, None).mean()),
    )
    return trainer.get_batch_loss_metrics(None, {})


def conservative(objective, case):
    """DPOTrainer no longer smooths the labels of `sigmoid`; CPOTrainer's `cpo_loss` does, and also accepts log-ratios."""
    ratios = [case["policyChosen"] - case["referenceChosen"], case["policyRejected"] - case["referenceRejected"]]
    if objective == "dpo_norm":
        ratios = [ratios[0] / case["chosenTokens"], ratios[1] / case["rejectedTokens"]]
    trainer = object.__new__(CPOTrainer)
    trainer.__dict__.update(
        accelerator=StandInAccelerator(),
        alpha=0.0,
        beta=case["beta"],
        label_smoothing=case["labelSmoothing"],
        loss_type="sigmoid",
    )
    return trainer.cpo_loss(*ratios)[0].mean()


def from_trl_with_reference(objective, case):
    """By `_compute_loss`."""
    summed = torch.cat([case["policyChosen"], case["policyRejected"]])
    reference = torch.cat([case["referenceChosen"], case["referenceRejected"]])
    tokens = torch.cat([case["chosenTokens"], case["rejectedTokens"]])
    mask = completion_mask(tokens)
    model = StandInModel((summed / tokens)[:, None] * mask[:, 1:])
    inputs = {
        "input_ids": torch.ones(mask.shape, dtype=torch.long),
        "attention_mask": torch.ones(mask.shape, dtype=torch.long),
        "completion_mask": mask.long(),
    }
    pairs = len(case["policyChosen"])
    if objective in DPO_LOSS_TYPES:
        trainer = bare_trainer(
            DPOTrainer,
            model,
            beta=case["beta"],
            loss_types=[DPO_LOSS_TYPES[objective]],
            loss_weights=[1.0],
            f_divergence_type="reverse_kl",
            ld_alpha=None,
            use_weighting=False,
            label_smoothing=case["labelSmoothing"],
        )
        inputs |= {"ref_chosen_logps": reference[:pairs], "ref_rejected_logps": reference[pairs:]}
    else:
        trainer = bare_trainer(
            KTOTrainer,
            model,
            beta=case["beta"],
            loss_type=objective,
            calculate_KL=objective == "kto",
            desirable_weight=case["desirableWeight"],
            undesirable_weight=case["undesirableWeight"],
            # The estimate itself needs a model; here its two terms are given and TRL computes their clamped difference.
            _compute_kl_logps=lambda *_: torch.full((2 * pairs,), case["kl"], dtype=torch.float64),
        )
        inputs |= {
            "label": torch.tensor([True] * pairs + [False] * pairs),
            "ref_logps": reference,
            "ref_KL_logps": torch.zeros(2 * pairs, dtype=torch.float64),
        }
    loss = trainer._compute_loss(model, inputs, return_outputs=False)
    if case["labelSmoothing"] > 0 and objective in ("dpo", "dpo_norm"):
        loss = conservative(objective, case)
    return loss, {name: values[-1] for name, values in trainer._metrics["train"].items() if "/" in name}


# --- cases ------------------------------------------------------------------------------------------------------------

TENSORS = ["policyChosen", "policyRejected", "referenceChosen", "referenceRejected", "chosenTokens", "rejectedTokens"]


def float32(values):
    """Doubles that float32 represents exactly, so that apolab starts from the same numbers."""
    return torch.as_tensor(values, dtype=torch.float32).to(torch.float64)


def case(name, chosen, rejected, chosen_reference, rejected_reference, **options):
    pairs = len(chosen)
    return {
        "name": name,
        "beta": 0.1,
        "kl": 0.0,
        "desirableWeight": 1.0,
        "undesirableWeight": 1.0,
        "labelSmoothing": 0.0,
        "gamma": 0.5,
        "likelihoodWeight": 1.0,
        "penaltyWeight": 50.0,
        "rewardShift": 0.0,
        **options,
        **dict(zip(TENSORS, map(float32, (chosen, rejected, chosen_reference, rejected_reference)))),
        "chosenTokens": torch.randint(1, 30, (pairs,)).double(),
        "rejectedTokens": torch.randint(1, 30, (pairs,)).double(),
    }


def random_case(name, pairs, spread, **options):
    reference = -60 + 25 * torch.randn(2, pairs)
    policy = reference + spread * torch.randn(2, pairs)
    return case(name, policy[0], policy[1], reference[0], reference[1], **options)


EXTREMES = [(a, b) for a in (-3000, -100, 100, 3000) for b in (-3000, -100, 100, 3000)]
PROBABILITIES = [(a, b) for a in (-3000, -100, -1, -0.01, -1e-4) for b in (-3000, -100, -1, -0.01, -1e-4)]
CASES = [
    case("paper_vector", [-40.0], [-50.0], [-50.0], [-40.0]),
    case("agreement", [-3.5, -40.25, -700.0], [-2.0, -61.5, -3.0], [-3.5, -40.25, -700.0], [-2.0, -61.5, -3.0]),
    random_case("random", 16, 8.0, kl=0.75),
    random_case("random_small_beta", 16, 20.0, beta=0.0625, kl=2.5),
    random_case("random_weighted", 8, 5.0, beta=0.5, kl=0.25, desirableWeight=1.5, undesirableWeight=0.75),
    random_case("random_smoothed", 16, 6.0, labelSmoothing=0.125, gamma=1.0, likelihoodWeight=0.0, rewardShift=0.25),
    random_case("random_large_beta", 16, 3.0, beta=2.0, labelSmoothing=0.25, gamma=1.5, penaltyWeight=5.0, rewardShift=-0.75),
    case("extremes", *zip(*EXTREMES), [0.0] * 16, [0.0] * 16, kl=100.0, rewardShift=100.0),
    case(
        "extremes_beta_one",
        *zip(*EXTREMES),
        [0.0] * 16,
        [0.0] * 16,
        beta=1.0,
        kl=3000.0,
        labelSmoothing=0.125,
        rewardShift=-3000.0,
    ),
    # Probabilities from nearly 0 to nearly 1, for which ORPO's odds are most difficult to compute.
    case("extreme_probabilities", *zip(*PROBABILITIES), [-50.0] * 25, [-50.0] * 25, beta=0.25),
]


def numbers(tensor):
    return [float(value) for value in tensor.detach()]


def evaluate(objective, case):
    leaves = [case[name].clone().requires_grad_() for name in ("policyChosen", "policyRejected")]
    live = {**case, "policyChosen": leaves[0], "policyRejected": leaves[1]}
    losses = from_formula(objective, live)
    gradients = torch.autograd.grad(losses.mean(), leaves, allow_unused=True, retain_graph=True)
    gradients = [torch.zeros_like(leaf) if g is None else g for g, leaf in zip(gradients, leaves)]

    if not torch.isfinite(losses).all():
        assert objective == "orpo" and max(case["policyChosen"].max(), case["policyRejected"].max()) > 0
        return None

    chosen_rewards, rejected_rewards = logged_rewards(objective, case)
    return {
        "losses": numbers(losses),
        "chosenRewards": numbers(chosen_rewards),
        "rejectedRewards": numbers(rejected_rewards),
        "gradientChosen": numbers(gradients[0]),
        "gradientRejected": numbers(gradients[1]),
        "trl": compare_with_trl(objective, live, leaves, losses, gradients),
    }


def compare_with_trl(objective, live, leaves, losses, gradients):
    """TRL's numbers, asserted to agree with the formula; None if TRL has no such objective."""
    found = from_trl(objective, live)
    if found is None:
        return None
    trl_loss, metrics = found
    trl_gradients = torch.autograd.grad(trl_loss, leaves, allow_unused=True)
    trl_gradients = [torch.zeros_like(leaf) if g is None else g for g, leaf in zip(trl_gradients, leaves)]
    tolerance = {"rtol": 1e-5, "atol": 1e-6} if objective == "orpo" else {"rtol": 1e-10, "atol": 1e-12}
    torch.testing.assert_close(losses.mean(), trl_loss.double(), **tolerance)
    for mine, trls in zip(gradients, trl_gradients):
        torch.testing.assert_close(mine, trls, **tolerance)
    return {
        "loss": float(trl_loss.detach()),
        "gradientChosen": numbers(trl_gradients[0]),
        "gradientRejected": numbers(trl_gradients[1]),
        "rewards/chosen": metrics["rewards/chosen"],
        "rewards/rejected": metrics["rewards/rejected"],
    }


def main():
    cases = []
    for given in CASES:
        inputs = {name: numbers(value) if name in TENSORS else value for name, value in given.items()}
        cases.append({**inputs, "expected": {objective: evaluate(objective, given) for objective in FORMULAS}})
    content = provenance("objectives.py", ["torch", "trl", "transformers"], SEED, "float64")
    write_golden("objectives.json", {**content, "cases": cases})


if __name__ == "__main__":
    main()
