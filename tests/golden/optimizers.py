"""Ten updates of PyTorch's AdamW and RMSprop on fixed gradients, and transformers' learning-rate schedules."""

import torch
from provenance import provenance, write_golden
from transformers.optimization import (
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_linear_schedule_with_warmup,
)

SEED = 11
STEPS = 10
RATE = 0.05
SHAPES = {"matrix": [3, 4], "other": [2, 4], "vector": [5]}
OPTIMIZERS = {
    "adamw": (torch.optim.AdamW, "adamw", {"betas": (0.9, 0.98), "weight_decay": 0.0}),
    "adamw with weight decay": (torch.optim.AdamW, "adamw", {"betas": (0.9, 0.999), "eps": 1e-6, "weight_decay": 0.1}),
    "rmsprop": (torch.optim.RMSprop, "rmsprop", {}),
    "rmsprop with momentum and weight decay": (
        torch.optim.RMSprop,
        "rmsprop",
        {"alpha": 0.9, "eps": 1e-6, "momentum": 0.8, "weight_decay": 0.1},
    ),
}
SCHEDULES = {
    "constant": get_constant_schedule_with_warmup,
    "linear": get_linear_schedule_with_warmup,
    "cosine": get_cosine_schedule_with_warmup,
}


def values(tensors):
    return {name: tensor.detach().flatten().tolist() for name, tensor in tensors.items()}


def run(make, options, start, gradients):
    parameters = {name: tensor.clone().requires_grad_() for name, tensor in start.items()}
    optimizer = make(parameters.values(), lr=RATE, foreach=False, **options)
    steps = []
    for gradient in gradients:
        for name, parameter in parameters.items():
            parameter.grad = gradient[name].clone()
        optimizer.step()
        steps.append(values(parameters))
    return steps


def schedule(make, warmup, total):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    arguments = {"num_warmup_steps": warmup}
    if make is not get_constant_schedule_with_warmup:
        arguments["num_training_steps"] = total
    scheduler = make(optimizer, **arguments)
    rates = []
    for _ in range(total):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return {"warmup": warmup, "total": total, "rates": rates}


def main():
    torch.manual_seed(SEED)
    start = {name: torch.randn(shape) for name, shape in SHAPES.items()}
    scales = [10.0 ** (step % 3 - 1) for step in range(STEPS)]
    gradients = [{name: scale * torch.randn(shape) for name, shape in SHAPES.items()} for scale in scales]
    content = {
        **provenance("optimizers.py", ["torch", "transformers"], SEED, "float32"),
        "learningRate": RATE,
        "shapes": SHAPES,
        "start": values(start),
        "gradients": [values(gradient) for gradient in gradients],
        "runs": {
            title: {"optimizer": name, "options": options, "steps": run(make, options, start, gradients)}
            for title, (make, name, options) in OPTIMIZERS.items()
        },
        "schedules": {name: [schedule(make, warmup, 25) for warmup in (0, 3)] for name, make in SCHEDULES.items()},
    }
    write_golden("optimizers.json", content)


if __name__ == "__main__":
    main()
