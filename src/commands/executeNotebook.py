"""Executes a notebook through its kernel with a real Jupyter client, and shows what the kernel prints while it runs.

    python executeNotebook.py NOTEBOOK OUTPUT

Live output goes to stderr, so that stdout is free for results. The executed notebook is always written: also if a cell
fails, if the kernel dies, and after Ctrl-C, which interrupts the cell first and ends the kernel if that does not help.
If standard input is closed, the process that started this one has ended, and the run is stopped in the same way.

Exit code: 0 done, 1 a cell or the kernel failed, 130 stopped.
"""

import asyncio
import re
import shutil
import signal
import sys
import threading
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

SECONDS_TO_STOP = 10

# The media type of a status (src/core/liveDisplay.ts): text that replaces the one before.
STATUS = "application/vnd.apolab.status"

on_terminal = sys.stderr.isatty()


def plain(text):
    """Text for a log: without colours, and with only the last state of lines that overwrite themselves."""
    lines = [line.rsplit("\r", 1)[-1] for line in text.split("\n")]
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", "\n".join(lines))


class LiveOutput:
    """Writes streams to stderr as they arrive, and a status below them; if stderr is not a terminal, only whole lines and no status."""

    def __init__(self):
        self.pending = ""
        self.status_lines = []

    def write(self, text):
        if on_terminal:
            status = self.status_lines
            self.clear_status()
            self.put(text)
            if text.endswith("\n"):
                self.put_status(status)
            return
        *lines, self.pending = (self.pending + text).split("\n")
        for line in lines:
            self.put(plain(line) + "\n")

    def status(self, text):
        """Shows the status in place of the one before."""
        if on_terminal:
            self.clear_status()
            self.put_status(text.split("\n"))

    def put_status(self, lines):
        # A wrapped line could not be overwritten.
        columns = shutil.get_terminal_size().columns - 1
        self.put("".join(line[:columns] + "\n" for line in lines))
        self.status_lines = lines

    def clear_status(self):
        if self.status_lines:
            self.put(f"\x1b[{len(self.status_lines)}A\r\x1b[J")
        self.status_lines = []

    def end(self):
        """Ends a line that has no end yet."""
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
    """A notebook client that shows streams at once, and keeps the executed cells if a signal stops it."""

    stopping = None
    live = LiveOutput()

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "stream":
            self.live.write(msg["content"]["text"])
        elif STATUS in msg["content"].get("data", {}):
            self.live.status(msg["content"]["data"][STATUS])
        return super().process_message(msg, cell, cell_index)

    def follow_signals(self, notebook):
        # nbclient's own handler ends the kernel at once; a cell that is interrupted first can clean up and report it.
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
        # npm and the terminal both send the same Ctrl-C; only a later signal counts as a second one.
        elif loop.time() - self.stopping > 1:
            asyncio.ensure_future(self._async_cleanup_kernel())


def execute(notebook, folder):
    """Runs all cells; returns the exit code and the message for it, which is empty for 0 and 130."""
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
        message = "The kernel ended before the notebook was finished (was there enough memory?)."
    except NoSuchKernel as error:
        message = f"There is no kernel named {error.name!r} here. Install it: npx apolab setup"
    except RuntimeError as error:
        message = f"The kernel did not start: {error}"
    finally:
        client.live.end()
    return (130, "") if client.stopping else (1, message)


def main(source, target):
    source, target = Path(source), Path(target)
    notebook = nbformat.read(source, as_version=4)
    code, message = execute(notebook, source.parent)
    # A notebook that failed must not replace one that succeeded.
    if code != 0 and target.exists():
        target = target.with_suffix(".failed.ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    if message:
        LiveOutput.put((message if on_terminal else plain(message)) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
