"""Executes a notebook through its kernel with a real Jupyter client, and shows what the kernel prints while it runs.

    python executeNotebook.py NOTEBOOK OUTPUT

Live output goes to stderr, so that stdout stays free for results. The executed notebook is written in any case: where a
cell fails, where the kernel dies, and on Ctrl-C, which interrupts the cell first and ends the kernel if that does not help.
Standard input is the leash: when it is closed, whoever started this is gone, and the run is stopped likewise.

Exit code: 0 done, 1 a cell or the kernel failed, 130 stopped.
"""

import asyncio
import re
import signal
import sys
import threading
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

SECONDS_TO_STOP = 10

on_terminal = sys.stderr.isatty()


def plain(text):
    """Text for a log: without colours, and of lines that overwrite themselves only the last state."""
    lines = [line.rsplit("\r", 1)[-1] for line in text.split("\n")]
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", "\n".join(lines))


class LiveOutput:
    """Writes streams to stderr as they come; where that is no terminal, whole lines only and no status lines."""

    def __init__(self):
        self.pending = ""

    def write(self, text):
        if on_terminal:
            self.put(text)
            return
        *lines, self.pending = (self.pending + text).split("\n")
        for line in lines:
            self.put(plain(line) + "\n")

    def end(self):
        """Ends a line that is still open."""
        if on_terminal:
            self.put("\r\x1b[K")
        elif plain(self.pending).strip():
            self.put(plain(self.pending) + "\n")
        self.pending = ""

    @staticmethod
    def put(text):
        sys.stderr.write(text)
        sys.stderr.flush()


class LiveClient(NotebookClient):
    """A notebook client that shows streams at once and stops on a signal without losing what was done."""

    stopping = None
    live = LiveOutput()

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "stream":
            self.live.write(msg["content"]["text"])
        return super().process_message(msg, cell, cell_index)

    def follow_signals(self, notebook):
        # nbclient's own handler ends the kernel at once; a cell that is interrupted first can tidy up and say so.
        loop = asyncio.get_running_loop()
        if sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self.stop)
        threading.Thread(target=self.follow_starter, args=(loop,), daemon=True).start()

    def follow_starter(self, loop):
        sys.stdin.read()
        loop.call_soon_threadsafe(self.stop)

    def stop(self):
        loop = asyncio.get_running_loop()
        if not self.stopping:
            self.stopping = loop.time()
            asyncio.ensure_future(self.km.interrupt_kernel())
            loop.call_later(SECONDS_TO_STOP, self.stop)
        # npm and the terminal send the same Ctrl-C twice; only a later one is meant as a second.
        elif loop.time() - self.stopping > 1:
            asyncio.ensure_future(self._async_cleanup_kernel())


def execute(notebook, folder):
    """Runs all cells; returns the exit code and, where it is not 0, what to say."""
    failure = {}

    def remember(cell, cell_index, execute_reply):
        number = cell.execution_count or cell_index
        failure["message"] = f"Cell {number} failed:\n" + "\n".join(execute_reply["content"].get("traceback", []))

    client = LiveClient(
        notebook,
        timeout=None,
        coalesce_streams=True,
        shell_timeout_interval=1,
        resources={"metadata": {"path": str(folder)}},
        on_cell_error=remember,
    )
    client.on_notebook_start = client.follow_signals
    try:
        client.execute()
        return 0, ""
    except CellExecutionError as error:
        message = failure.get("message", str(error))
    except DeadKernelError:
        message = "The kernel ended by itself before the notebook was through (was there enough memory?)."
    except NoSuchKernel as error:
        message = f"There is no kernel named {error.name!r} here. Install it: npm run setup"
    except RuntimeError as error:
        message = f"The kernel did not start: {error}"
    finally:
        client.live.end()
    return (130, "") if client.stopping else (1, message)


def main(source, target):
    source, target = Path(source), Path(target)
    notebook = nbformat.read(source, as_version=4)
    code, message = execute(notebook, source.parent)
    # A notebook that did not get through must not take the place of one that did.
    if code != 0 and target.exists():
        target = target.with_suffix(".failed.ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    if message:
        LiveOutput.put((message if on_terminal else plain(message)) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
