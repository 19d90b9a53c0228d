"""Executes a notebook with nbclient: nbclientRun.py NOTEBOOK [--allow-errors].

Prints {"error": {"ename", "evalue", "text"} or null, "cells": [{"count", "outputs"}]}: what the notebook holds afterwards.
"""
import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def main() -> None:
    file, *options = sys.argv[1:]
    notebook = nbformat.read(file, as_version=4)
    folder = str(Path(file).parent)
    client = NotebookClient(
        notebook, timeout=90, allow_errors="--allow-errors" in options, resources={"metadata": {"path": folder}}
    )
    error = None
    try:
        client.execute()
    except CellExecutionError as raised:
        error = {"ename": raised.ename, "evalue": raised.evalue, "text": str(raised)}
    nbformat.validate(notebook)
    cells = [{"count": cell.get("execution_count"), "outputs": cell.get("outputs", [])} for cell in notebook.cells]
    print(json.dumps({"error": error, "cells": cells}))


main()
