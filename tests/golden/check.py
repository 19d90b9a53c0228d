"""Regenerates all golden files, or with --check generates them elsewhere and compares them with the committed ones.

    python check.py [--check] [generator ...]        (npm run golden [-- --check] makes the environment first)

Another processor rounds otherwise, so numbers are compared within each generator's tolerance (`absolute + relative *
|committed|`), and everything else (texts, token ids, counts, shapes) must be equal. The versions in a file may differ; this
is reported. The exit status is 1 if anything differs, if a generator fails, or if a file belongs to no generator.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

FOLDER = Path(__file__).parent
SHOWN = 5


@dataclass(frozen=True)
class Generator:
    """A script and the files that it writes, as patterns; `*` also matches slashes."""

    script: str
    writes: tuple[str, ...]
    relative: float = 1e-5
    absolute: float = 1e-6


# In the order of their dependencies.
GENERATORS = (
    Generator("objectives.py", ("objectives.json",), 1e-9, 1e-12),
    Generator(
        "model.py",
        ("model.json", "pairs.jsonl", "tiny-llama/*", "tiny-llama-tied/*", "tiny-llama*-gradients.safetensors"),
        1e-4,
        1e-5,
    ),
    Generator("pair_files.py", ("pair-files.json", "pair-files/*")),
    Generator("statistics_reference.py", ("statistics.json",), 1e-9, 1e-12),
    Generator("optimizers.py", ("optimizers.json",)),
    Generator("tokenization.py", ("tokenization.json", "chat-llama/*"), 1e-4, 1e-5),
    Generator("vocabulary.py", ("vocabulary.json",), 1e-9, 1e-12),
    Generator("conversations.py", ("conversations.json",), 1e-4, 1e-5),
    Generator("named_templates.py", ("named-templates.json",)),
    Generator("tokenizers_reference.py", ("tokenizers.json", "tokenizers/*")),
    Generator("ifeval.py", ("ifeval.json",)),
    Generator("gguf_files.py", ("gguf.json", "gguf/*"), 1e-4, 1e-4),
    Generator("gguf_smollm2.py", ("gguf-smollm2.json",)),
    Generator("contrastiveness.py", ("contrastiveness.json", "contrastiveness-pairs.jsonl"), 1e-9, 1e-12),
    Generator("architectures.py", ("architectures.json", "architectures/*"), 1e-4, 1e-4),
    Generator("lora.py", ("lora.json", "adapters/*"), 1e-4, 1e-4),
    # Thirty steps of rounding: TRL in float32 and in float64 differ by up to 1e-4 of a value.
    Generator("trajectories.py", ("trajectories.json", "trajectory-*.jsonl"), 5e-4, 1e-5),
)
# Files that are written by hand.
SOURCES = ("*.py", "*.ts", "*.mjs", "README.md", "requirements.txt", "chat_templates/*")
# Each fails if a Python library does not load what the built library saves: transformers and PEFT the models, datasets and
# TRL the pairs.
OTHER_DIRECTIONS = ("loads_here.py", "pairs_load_here.py")
# These say how a file was made; they are not part of its content.
IGNORED_KEYS = {"versions", "transformers_version"}


# --- comparing --------------------------------------------------------------------------------------------------------


def compare(expected, found, generator, place=""):
    """The differences of two JSON values, one line each."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found} - IGNORED_KEYS):
            inside = f"{place}.{key}" if place else key
            if key not in found:
                yield f"{inside} is no longer there"
            elif key not in expected:
                yield f"{inside} is new"
            else:
                yield from compare(expected[key], found[key], generator, inside)
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{place} has {len(found)} items, not {len(expected)}"
        for index, (one, other) in enumerate(zip(expected, found)):
            yield from compare(one, other, generator, f"{place}[{index}]")
    elif is_number(expected) and is_number(found) and float in (type(expected), type(found)):
        if not abs(expected - found) <= generator.absolute + generator.relative * abs(expected):
            yield f"{place} is {found}, not {expected}"
    elif expected != found or type(expected) is not type(found):
        yield f"{place} is {short(found)}, not {short(expected)}"


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def short(value):
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def compare_tensors(expected, found, generator):
    from safetensors.torch import load_file

    expected, found = load_file(expected), load_file(found)
    for name in sorted({*expected, *found}):
        if name not in found or name not in expected:
            yield f"{name} is {'new' if name in found else 'no longer there'}"
            continue
        one, other = expected[name], found[name]
        if one.shape != other.shape or one.dtype != other.dtype:
            yield f"{name} is {other.dtype} {list(other.shape)}, not {one.dtype} {list(one.shape)}"
            continue
        one, other = one.double(), other.double()
        wrong = ~((one - other).abs() <= generator.absolute + generator.relative * one.abs())
        if wrong.any():
            yield f"{name} differs in {int(wrong.sum())} of {wrong.numel()} numbers, by up to {float((one - other).abs().max()):.3g}"


def compare_tables(expected, found):
    """Compares the content, because the file also names the version that wrote it."""
    import pyarrow.parquet as pq

    expected, found = pq.read_table(expected), pq.read_table(found)
    if expected.schema != found.schema:
        yield "the columns are others"
    elif not expected.equals(found):
        yield "the rows are others"


def compare_files(expected, found, generator):
    if expected.suffix == ".json":
        yield from compare(*(json.loads(file.read_text(encoding="utf-8")) for file in (expected, found)), generator)
    elif expected.suffix == ".safetensors":
        yield from compare_tensors(expected, found, generator)
    elif expected.suffix == ".parquet":
        yield from compare_tables(expected, found)
    elif expected.read_bytes() != found.read_bytes():
        yield "the text is another"


def differences(committed, made, generator):
    """Every difference between the files that a generator wrote and the committed ones."""
    names = {str(file) for folder in (committed, made) for file in written(folder, generator)}
    if not names:
        yield f"{generator.script} writes nothing that matches {', '.join(generator.writes)}"
    for name in sorted(names):
        if not (made / name).exists():
            yield f"{name}: is no longer written"
        elif not (committed / name).exists():
            yield f"{name}: is new"
        else:
            lines = list(compare_files(committed / name, made / name, generator))
            yield from (f"{name}: {line}" for line in lines[:SHOWN])
            if len(lines) > SHOWN:
                yield f"{name}: and {len(lines) - SHOWN} more"


def files_of(folder):
    return sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def written(folder, generator):
    return [file for file in files_of(folder) if any(fnmatch(file.as_posix(), pattern) for pattern in generator.writes)]


def ownerless():
    """Files that no generator writes and that are not listed as written by hand."""
    known = SOURCES + tuple(pattern for generator in GENERATORS for pattern in generator.writes)
    return [str(file) for file in files_of(FOLDER) if not any(fnmatch(file.as_posix(), pattern) for pattern in known)]


# --- running ----------------------------------------------------------------------------------------------------------


def run(script, folder):
    """Runs a script in its folder; returns the seconds it took and, if it failed, its output."""
    # Offline; and with one thread, because the models are tiny and rounding must not depend on the machine.
    quiet = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}
    started = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-B", script],
        cwd=folder,
        env={**quiet, **os.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    seconds = time.monotonic() - started
    return seconds, None if result.returncode == 0 else result.stdout


def make(generators, folder, then):
    """Runs the generators and prints a line for each; `then` returns the problems of its output."""
    failures = []
    for generator in generators:
        print(f"{generator.script} ... ", end="", flush=True)
        seconds, output = run(generator.script, folder)
        problems = list(then(generator)) if output is None else ["failed:", *output.strip().splitlines()[-12:]]
        print(f"{'ok' if not problems else 'DIFFERS' if output is None else 'FAILED'}, {seconds:.0f} s", flush=True)
        for problem in problems:
            print(f"  {problem}")
        if problems:
            failures.append(generator.script)
    return failures


def copy_sources(folder):
    """Copies the generators' inputs into another folder with the same layout: two folders below the licence."""
    for file in files_of(FOLDER):
        if any(fnmatch(file.as_posix(), pattern) for pattern in SOURCES):
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(FOLDER / file, target)
    shutil.copyfile(FOLDER.parents[1] / "LICENSE", folder.parents[1] / "LICENSE")


def versions(file):
    return json.loads(file.read_text(encoding="utf-8")).get("versions", {}) if file.exists() else {}


def tell_versions(committed, made):
    """The packages whose versions differ from those that made the committed files."""
    changed = {}
    for file in committed.glob("*.json"):
        for package, version in versions(file).items():
            new = versions(made / file.name).get(package, version)
            if new != version:
                changed[package] = (version, new)
    for package, (old, new) in sorted(changed.items()):
        print(f"note: made with {package} {old}, compared with {new}")


def check(generators, whole):
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "tests" / "golden"
        made.mkdir(parents=True)
        copy_sources(made)
        for generator in GENERATORS:
            if generator not in generators:  # Its output may be the input of other generators.
                for file in written(FOLDER, generator):
                    (made / file).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(FOLDER / file, made / file)
        failures = make(generators, made, lambda generator: differences(FOLDER, made, generator))
        tell_versions(FOLDER, made)
    if whole:
        for name in ownerless():
            print(f"{name} belongs to no generator; name it in check.py's table")
            failures.append(name)
        failures += make([Generator(script, ()) for script in OTHER_DIRECTIONS], FOLDER, lambda _: [])
    return failures


def main():
    names = [generator.script.removesuffix(".py") for generator in GENERATORS]
    parser = argparse.ArgumentParser(description="Makes the golden files again, or compares them with what is made anew.")
    parser.add_argument("--check", action="store_true", help="compare, and change nothing")
    parser.add_argument("generators", nargs="*", metavar="generator", help=f"all, or some of: {', '.join(names)}")
    arguments = parser.parse_args()
    unknown = set(arguments.generators) - set(names)
    if unknown:
        parser.error(f"there is no generator {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    wanted = set(arguments.generators or names)
    chosen = [generator for generator, name in zip(GENERATORS, names) if name in wanted]
    if arguments.check:
        failures = check(chosen, whole=not arguments.generators)
    else:
        failures = make(chosen, FOLDER, lambda _: [])
    if failures:
        sys.exit(f"{len(failures)} of the golden files' checks failed: {', '.join(failures)}")
    print("All golden files are as they are made." if arguments.check else "All golden files are made.")


if __name__ == "__main__":
    main()
