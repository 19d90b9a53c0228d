"""Jupyter kernels side by side in one run, through a real client: ipykernel, tslab, Deno's and apolab.

The kernels take turns at every single measurement, so that whatever else the machine does hits all alike. Prints JSON.
"""
import argparse
import json
import math
import os
import statistics
import sys
from pathlib import Path

from kernels import Kernel, cpu, install, notebook_folder, versions
from session import Session, Unmeasured
from table import markdown

WINDOW = 20


def summary(values: list[float]) -> dict:
    ordered = sorted(values)
    return {"median": statistics.median(ordered), "p90": ordered[math.ceil(0.9 * len(ordered)) - 1], "n": len(ordered)}


class Bench:
    def __init__(self, kernels: list[Kernel], folder: Path):
        self.kernels = kernels
        self.folder = folder
        self.measured: dict[str, dict[str, dict]] = {kernel.name: {} for kernel in kernels}
        self.sessions: list[Session] = []

    def note(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def rounds(self, row: str, count: int, measure, sessions: list[Session] | None = None) -> None:
        """`count` rounds in which each kernel is measured once; a kernel that can't be measured is left out, with its first reason."""
        self.note(row)
        values: dict[str, list[float]] = {}
        for _ in range(count):
            for session in self.sessions if sessions is None else sessions:
                name = session.kernel.name
                if "reason" in self.measured[name].get(row, {}):
                    continue
                try:
                    value = measure(session)
                    values.setdefault(name, []).append(value)
                except Unmeasured as reason:
                    self.measured[name][row] = {"reason": str(reason)}
        for name, list_of_values in values.items():
            self.measured[name].setdefault(row, summary(list_of_values))

    def start(self, count: int) -> None:
        ready_row, first_row = "start to ready, s", "start to the first cell's end, s"
        self.note(ready_row)
        ready: dict[str, list[float]] = {}
        first: dict[str, list[float]] = {}
        for turn in range(count):
            for kernel in self.kernels:
                session = Session(kernel, self.folder)
                ready.setdefault(kernel.name, []).append(session.ready_seconds)
                ran, _ = session.execute(kernel.cells["print"])
                first.setdefault(kernel.name, []).append(session.ready_seconds + ran)
                if turn + 1 < count:
                    session.stop()
                else:
                    self.sessions.append(session)
        for kernel in self.kernels:
            self.measured[kernel.name][ready_row] = summary(ready[kernel.name])
            self.measured[kernel.name][first_row] = summary(first[kernel.name])

    def cells(self, count: int) -> None:
        for row, cell in {"print, ms": "print", "assignment, ms": "assignment"}.items():
            self.rounds(row, count, lambda session: session.execute(session.kernel.cells[cell])[0] * 1e3)

    def tensors(self, count: int) -> None:
        able = []
        cell_row, complete_row = "cell with tf, ms", "completion of tf.mat, ms"
        for session in self.sessions:
            kernel = session.kernel
            try:
                if kernel.prepare_tf is None:
                    raise Unmeasured("no TensorFlow.js in Python")
                if kernel.prepare_tf:
                    session.execute(kernel.prepare_tf)
                able.append(session)
            except Unmeasured as reason:
                for row in (cell_row, complete_row):
                    self.measured[kernel.name][row] = {"reason": str(reason)}
        self.rounds("first cell with tf, ms", 1, lambda session: session.execute(session.kernel.cells["tf"])[0] * 1e3, able)
        self.rounds(cell_row, count, lambda session: session.execute(session.kernel.cells["tf"])[0] * 1e3, able)

        def complete(session: Session) -> float:
            seconds, matches = session.complete("tf.mat")
            if not any(match.endswith("matMul") for match in matches):
                raise Unmeasured(f"tf.mat was completed to {matches[:5]}")
            return seconds * 1e3

        self.rounds(complete_row, count, complete, able)

    def lines(self, count: int) -> None:
        expected = [str(line) for line in range(100_000)]

        def measure(session: Session) -> float:
            seconds, text = session.execute(session.kernel.cells["lines"], 60)
            if text.split() != expected:
                lines = text.split() + session.late_text().split()
                if lines == expected:
                    raise Unmeasured(f"{len(text.split())} of 100,000 lines came before idle, the others after it")
                raise Unmeasured(f"{len(lines)} of 100,000 lines came" + (", out of order" if len(lines) == 100_000 else ""))
            return seconds

        self.rounds("100,000 lines, s", count, measure)

    def heartbeats(self) -> None:
        self.note("heartbeats")
        for session in self.sessions:
            echoes, longest = session.heartbeats()
            rows = self.measured[session.kernel.name]
            rows["heartbeat echoes in a 10 s loop, at most one each 10 ms"] = {"value": echoes}
            rows["longest time without an echo, s"] = {"value": round(longest, 3)}

    def endurance(self, count: int) -> None:
        """New sessions; every cell declares a constant and a function and uses both."""
        self.note(f"{count} cells")
        for session in self.sessions:
            session.restart()
        seconds: dict[str, list[float]] = {session.kernel.name: [] for session in self.sessions}
        memory: dict[str, int] = {}
        going = list(self.sessions)
        for n in range(1, count + 1):
            for session in list(going):
                name = session.kernel.name
                try:
                    seconds[name].append(session.execute(session.kernel.cells["endurance"].format(n=n))[0] * 1e3)
                except Unmeasured as reason:
                    self.measured[name][f"last 20 of {count} cells, ms"] = {"reason": f"cell {n}: {reason}"}
                    going.remove(session)
                if n == 30:
                    memory[name] = session.memory()
        for session in going:
            rows = self.measured[session.kernel.name]
            times = seconds[session.kernel.name]
            early, late = summary(times[9 : 9 + WINDOW]), summary(times[-WINDOW:])
            rows["cells 10 to 29 of a session, ms"] = early
            rows[f"last 20 of {count} cells, ms"] = late
            rows["ratio of the two"] = {"value": round(late["median"] / early["median"], 2)}
            grown = session.memory() - memory[session.kernel.name]
            rows[f"memory grown from cell 30 to {count}, MB"] = {"value": round(grown / 1e6, 1)}

    def stop(self) -> None:
        for session in self.sessions:
            session.stop()


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("--prefix", type=Path, required=True, help="the folder with apolab's kernelspec (npm run bench:kernel sets it)")
    cli.add_argument("--markdown", action="store_true", help="print a Markdown table and no JSON")
    cli.add_argument("--json", type=Path, help="also write the JSON to this file")
    cli.add_argument("--rounds", type=int, default=20, help="rounds of the short measurements (20)")
    cli.add_argument("--cells", type=int, default=500, help="cells of the long session (500)")
    cli.add_argument("--only", nargs="*", help="names of kernels, such as apolab")
    args = cli.parse_args()

    load = os.getloadavg()
    kernels = [kernel for kernel in install(args.prefix) if not args.only or kernel.name in args.only]
    bench = Bench([kernel for kernel in kernels if kernel.missing is None], notebook_folder(args.prefix))
    few = max(3, args.rounds // 4)
    try:
        bench.start(max(3, args.rounds // 2))
        bench.cells(args.rounds)
        bench.tensors(args.rounds)
        bench.rounds("interrupt of an endless loop, ms", few, lambda session: session.interrupt() * 1e3)
        bench.heartbeats()
        bench.lines(3)
        bench.endurance(args.cells)
    finally:
        bench.stop()
    results = {
        "cpu": cpu(),
        "load": {"before": round(load[0], 2), "after": round(os.getloadavg()[0], 2)},
        "versions": versions(),
        "kernels": {
            kernel.name: {"version": kernel.version, "missing": kernel.missing, "measured": bench.measured.get(kernel.name, {})}
            for kernel in kernels
        },
    }
    text = json.dumps(results, indent=2)
    if args.json:
        args.json.write_text(text + "\n")
    print(markdown(results) if args.markdown else text)


if __name__ == "__main__":
    main()
