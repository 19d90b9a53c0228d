"""Times training runs with and without watch() in one kernel, alternating; started by watch.mjs."""
import json
import os
import statistics
import subprocess
import sys
import time

import psutil
from jupyter_client.manager import KernelManager

rounds, steps, sampled = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "true"
manager = KernelManager(kernel_name="apolab-bench")
manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=120)

SETUP = """
const village = world.createWorld(0);
const source = await models.fromPretrained(datasets.miniatureWorld.policy());
const pairs = await preference.collect(world.buildPairs(village, 'clair', source, { count: 64, seed: 0 }));
const options = { objective: 'apo_zero', maxSteps: %d, learningRate: 1e-5 };
""" % steps
PROMPTS = "{ prompts: pairs.slice(0, 2).map(({ prompt }) => prompt) }" if sampled else "{}"
NEW = "let run = training.train(await models.fromPretrained(datasets.miniatureWorld.policy()), pairs, options);"
LOOPS = {"without": "for await (const step of run);", "with": f"for await (const step of watch(run, {PROMPTS}));"}


kernel = psutil.Process(manager.provisioner.pid)


def cpu_seconds():
    """Of the kernel's main thread, which trains and draws; on a busy machine its ratio says more than that of the time."""
    times = next(thread for thread in kernel.threads() if thread.id == kernel.pid)
    return times.user_time + times.system_time


def execute(code):
    """The cell's seconds, the CPU seconds of the kernel's main thread, and the times at which its curves were drawn."""
    draws = []
    begin, cpu = time.perf_counter(), cpu_seconds()
    request = client.execute(code)
    while True:
        message = client.get_iopub_msg(timeout=600)
        if message["parent_header"].get("msg_id") != request:
            continue
        content = message["content"]
        if message["msg_type"] == "error":
            raise SystemExit("\n".join(content["traceback"]))
        if "application/vnd.plotly.v1+json" in content.get("data", {}):
            draws.append(time.perf_counter())
        if content.get("execution_state") == "idle":
            return time.perf_counter() - begin, cpu_seconds() - cpu, draws


try:
    execute(SETUP)
    # Warms up the model's code, and the modules that draw.
    for loop in LOOPS.values():
        execute(NEW)
        execute(loop)
    found = []
    for number in range(rounds):
        order = ["without", "with"] if number % 2 == 0 else ["with", "without"]
        row = {}
        for name in order:
            execute(NEW)
            row[name], row[f"cpu_{name}"], draws = execute(LOOPS[name])
            if name == "with":
                row["draws_per_second"] = len(draws) / row["with"]
                row["longest_pause"] = max(b - a for a, b in zip(draws, draws[1:]))
            execute("run.model.dispose();")
        row["ratio"] = row["with"] / row["without"]
        row["cpu_ratio"] = row["cpu_with"] / row["cpu_without"]
        found.append(row)
    print(json.dumps({
        "steps": steps,
        "sampled": sampled,
        "median_ratio": statistics.median(row["ratio"] for row in found),
        "median_cpu_ratio": statistics.median(row["cpu_ratio"] for row in found),
        "cpu_ratio_of_sums": sum(row["cpu_with"] for row in found) / sum(row["cpu_without"] for row in found),
        "ratio_of_sums": sum(row["with"] for row in found) / sum(row["without"] for row in found),
        "load": os.getloadavg()[0],
        "rounds": found,
    }, indent=1))
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
