"""The kernels side by side: how each is installed, and the same cells in its language."""
import importlib.metadata
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
DENO = "2.9.8"

TYPESCRIPT = {
    "print": "console.log(1)",
    "assignment": "const assigned = 1;",
    "tf": "const product: number = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()[0];",
    "loop": "console.log('go');\nwhile (true) {}",
    "spin": "const end = Date.now() + 10_000;\nwhile (Date.now() < end) {}",
    "lines": "for (let line = 0; line < 100_000; line++) console.log(String(line));",
    "endurance": "const value{n} = {n};\nfunction add{n}(x: number): number {{ return x + value{n}; }}\nadd{n}(1)",
}
PYTHON = {
    "print": "print(1)",
    "assignment": "assigned = 1",
    "loop": "print('go')\nwhile True: pass",
    "spin": "import time\nend = time.time() + 10\nwhile time.time() < end: pass",
    "lines": "for line in range(100_000): print(line)",
    "endurance": "value{n} = {n}\ndef add{n}(x: int) -> int: return x + value{n}\nadd{n}(1)",
}


@dataclass
class Kernel:
    name: str
    spec: str
    version: str
    cells: dict[str, str]
    # Run once before anything that uses `tf`; if it fails, those measurements are left out, with the reason.
    prepare_tf: str | None = ""
    env: dict[str, str] = field(default_factory=dict)
    # Why the kernel can't be measured at all.
    missing: str | None = None


def write_spec(prefix: Path, name: str, spec: dict) -> None:
    folder = prefix / "share/jupyter/kernels" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec))


def notebook_folder(prefix: Path) -> Path:
    """A new folder without tsconfig.json, in which tslab finds @tensorflow/tfjs."""
    folder = prefix / "notebooks"
    folder.mkdir()
    (folder / "node_modules").symlink_to(PROJECT / "node_modules")
    return folder


def install_ipykernel() -> Kernel:
    return Kernel("ipykernel", "python3", importlib.metadata.version("ipykernel"), PYTHON, prepare_tf=None)


def install_tslab(prefix: Path) -> Kernel:
    package = PROJECT / "node_modules/tslab"
    version = json.loads((package / "package.json").read_text())["version"]
    argv = ["node", str(package / "bin/tslab"), "kernel", "--config-path", "{connection_file}"]
    write_spec(prefix, "tslab-bench", {"argv": argv, "display_name": "tslab", "language": "typescript"})
    return Kernel("tslab", "tslab-bench", version, TYPESCRIPT, "import * as tf from '@tensorflow/tfjs';")


def install_deno(prefix: Path) -> Kernel:
    folder = prefix / "deno"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), f"deno=={DENO}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
        return Kernel("Deno", "", DENO, TYPESCRIPT, missing=f"not installed: {reason}")
    executable = next(path for path in (folder / "bin").iterdir() if path.stem == "deno")
    argv = [str(executable), "jupyter", "--kernel", "--conn", "{connection_file}"]
    env = {"DENO_DIR": str(prefix / "deno-cache"), "NO_COLOR": "1"}
    write_spec(prefix, "deno-bench", {"argv": argv, "display_name": "Deno", "language": "typescript", "env": env})
    return Kernel("Deno", "deno-bench", DENO, TYPESCRIPT, "import * as tf from 'npm:@tensorflow/tfjs@4.22.0';")


def install_apolab() -> Kernel:
    version = json.loads((PROJECT / "package.json").read_text())["version"]
    return Kernel("apolab", "apolab-bench", version, TYPESCRIPT)


def install(prefix: Path) -> list[Kernel]:
    """All kernels; `prefix` already has apolab's spec, and gets those of the others."""
    return [install_ipykernel(), install_tslab(prefix), install_deno(prefix), install_apolab()]


def versions() -> dict[str, str]:
    node = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    return {
        "node": node,
        "python": sys.version.split()[0],
        "jupyter_client": importlib.metadata.version("jupyter_client"),
    }


def cpu() -> dict[str, object]:
    model = "unknown"
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = lines[0].split(":", 1)[1].strip() if lines else model
    return {"model": model, "cores": os.cpu_count()}
