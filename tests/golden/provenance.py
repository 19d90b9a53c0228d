"""How a golden file was made; each file contains this: generator, versions, seed and precision."""

import json
import platform
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent


def provenance(generator: str, packages: list[str], seed: int | None, dtype: str) -> dict:
    return {
        "generator": f"tests/golden/{generator}",
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
        "seed": seed,
        "dtype": dtype,
    }


def write_golden(name: str, content: dict) -> None:
    """Writes one JSON file; floats have the shortest digits that give the same double."""
    (FOLDER / name).write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    print(f"wrote {name}")
