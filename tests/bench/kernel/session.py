"""One running kernel and its client, with what is timed."""
import subprocess
import time
from pathlib import Path
from queue import Empty

import psutil
import zmq
from jupyter_client.manager import KernelManager

from kernels import Kernel


class Unmeasured(Exception):
    """A measurement that this kernel does not allow; the message is the reason."""


class Session:
    def __init__(self, kernel: Kernel, folder: Path):
        """`folder` is the folder of the cells' notebook."""
        self.kernel = kernel
        self.folder = folder
        self.start()

    def start(self) -> None:
        begin = time.perf_counter()
        self.manager = KernelManager(kernel_name=self.kernel.spec)
        self.manager.start_kernel(cwd=str(self.folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        self.ready_seconds = time.perf_counter() - begin

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def restart(self) -> None:
        self.stop()
        self.start()

    def iopub(self, request: str, deadline: float) -> dict | None:
        """The request's next message on iopub, or None at the deadline."""
        while (left := deadline - time.perf_counter()) > 0:
            try:
                message = self.client.get_iopub_msg(timeout=left)
            except Empty:
                return None
            if message["parent_header"].get("msg_id") == request:
                return message
        return None

    def reply(self, request: str, timeout: float = 120) -> dict:
        while True:
            message = self.client.get_shell_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    def finish(self, request: str, timeout: float) -> tuple[str, str | None]:
        """The text on stdout up to idle, and an error's words."""
        deadline = time.perf_counter() + timeout
        texts: list[str] = []
        error = None
        while message := self.iopub(request, deadline):
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                texts.append(content["text"])
            elif message["msg_type"] == "stream" and content["text"].startswith("error"):
                error = content["text"]
            elif message["msg_type"] == "error":
                error = f"{content['ename']}: {content['evalue']}"
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return "".join(texts), error
        raise Unmeasured(f"not idle after {timeout:.0f} s")

    def late_text(self) -> str:
        """What comes on stdout after a cell's idle, until there is silence for 3 s."""
        texts = []
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=3)
            except Empty:
                return "".join(texts)
            if message["msg_type"] == "stream":
                texts.append(message["content"]["text"])

    def execute(self, code: str, timeout: float = 120) -> tuple[float, str]:
        """Seconds from request to idle, and the text on stdout."""
        begin = time.perf_counter()
        request = self.client.execute(code)
        text, error = self.finish(request, timeout)
        seconds = time.perf_counter() - begin
        status = self.reply(request)["status"]
        if status != "ok":
            raise Unmeasured(f"the cell failed: {error or status}"[:200])
        return seconds, text

    def complete(self, code: str) -> tuple[float, list[str]]:
        begin = time.perf_counter()
        matches = self.reply(self.client.complete(code, len(code)))["matches"]
        return time.perf_counter() - begin, matches

    def interrupt(self) -> float:
        """Seconds from the interrupt request to the endless loop's end; a kernel that goes on is started again."""
        request = self.client.execute(self.kernel.cells["loop"])
        deadline = time.perf_counter() + 3
        while message := self.iopub(request, deadline):
            if message["msg_type"] == "stream":
                break
        begin = time.perf_counter()
        self.manager.interrupt_kernel()
        try:
            self.finish(request, 10)
            seconds = time.perf_counter() - begin
            self.reply(request, 10)
        except (Unmeasured, Empty) as reason:
            self.restart()
            raise Unmeasured(f"the loop goes on: {reason}") from reason
        self.until_working()
        return seconds

    def until_working(self) -> None:
        """Cells until one runs: tslab aborts the one after an interrupt. A kernel in which none runs is started again."""
        for _ in range(3):
            try:
                self.execute(self.kernel.cells["print"], 10)
                return
            except (Unmeasured, Empty):
                continue
        self.restart()

    def heartbeats(self) -> tuple[int, float]:
        """Echoes of pings, at most one each 10 ms, while a cell computes for 10 s, and the longest time without one in seconds."""
        context = zmq.Context.instance()
        with context.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(self.client._make_url("hb"))
            socket.send(b"ping")
            socket.recv()
            request = self.client.execute(self.kernel.cells["spin"])
            begin = last = time.perf_counter()
            echoes, longest, waiting = 0, 0.0, False
            while True:
                message = self.iopub(request, time.perf_counter() + 0.01)
                state = message["content"].get("execution_state") if message else None
                if state == "idle" or time.perf_counter() > begin + 60:
                    break
                if not waiting:
                    socket.send(b"ping")
                    waiting = True
                if socket.poll(10):
                    socket.recv()
                    now = time.perf_counter()
                    longest, last, echoes, waiting = max(longest, now - last), now, echoes + 1, False
            longest = max(longest, time.perf_counter() - last)
            self.reply(request)
        return echoes, longest

    def memory(self) -> int:
        """Resident bytes of the kernel's process and its children."""
        process = psutil.Process(self.manager.provisioner.process.pid)
        return sum(each.memory_info().rss for each in [process, *process.children(recursive=True)])
