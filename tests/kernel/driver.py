"""A real Jupyter client, driven over stdin and stdout by JSON lines: {"operation": ..., ...} in, {"result": ...} or {"error": ...} out.

Every message that comes from the kernel is validated (schema.py) before it is handed on.
"""
import base64
import json
import subprocess
import sys
import tempfile
import traceback
from queue import Empty

import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from schema import Validator

TIMEOUT = 90


def plain(message: dict) -> dict:
    return {
        "id": message["header"]["msg_id"],
        "type": message["header"]["msg_type"],
        "parent": message["parent_header"].get("msg_id"),
        "content": message["content"],
        "metadata": message["metadata"],
        "buffers": [base64.b64encode(buffer).decode() for buffer in message["buffers"]],
    }


class Driver:
    manager = None

    def start(self, kernel: str, folder: str) -> dict:
        self.manager = KernelManager(kernel_name=kernel)
        self.log_file = tempfile.TemporaryFile("w+")
        # Not this process's own stdout: Node makes it non-blocking, and then long lines are lost.
        self.manager.start_kernel(cwd=folder, stdout=subprocess.DEVNULL, stderr=self.log_file)
        self.clients: list[BlockingKernelClient] = []
        self.connect()
        return {"pid": self.manager.provisioner.process.pid}

    def connect(self) -> int:
        """Adds a client with its own session; from now on it is the one in use."""
        client = BlockingKernelClient(connection_file=self.manager.connection_file)
        client.load_connection_file()
        client.outputs, client.replies, client.validator = [], [], Validator()
        client.start_channels()
        # Before any request.
        client.greetings = [client.validator.check(client.get_iopub_msg(timeout=TIMEOUT), "iopub")]
        if not self.clients:
            client.greetings.append(client.validator.check(client.get_iopub_msg(timeout=TIMEOUT), "iopub"))
        client.wait_for_ready(timeout=TIMEOUT)
        self.clients.append(client)
        return self.use(len(self.clients) - 1)

    def greeting(self) -> list[dict]:
        """The iopub messages that the client in use received before its first request."""
        return [plain(message) for message in self.client.greetings]

    def use(self, client: int) -> int:
        """Makes this client the one in use."""
        self.client = self.clients[client]
        return client

    def send(
        self,
        type: str,
        content: dict,
        channel: str = "shell",
        metadata: dict | None = None,
        buffers: list[str] | None = None,
    ) -> str:
        session = self.client.session
        message = session.msg(type, content, metadata=metadata)
        socket = getattr(self.client, f"{channel}_channel").socket
        session.send(socket, message, buffers=[base64.b64decode(buffer) for buffer in buffers or []])
        return message["header"]["msg_id"]

    def output(self, parent: str) -> dict:
        """The next iopub message that a request caused."""
        return self._next(self.client.outputs, "iopub", parent)

    def reply(self, parent: str, channel: str = "shell") -> dict:
        return self._next(self.client.replies, channel, parent)

    def has_reply(self, parent: str) -> bool:
        """Whether a reply has come already; never waits."""
        while True:
            try:
                self.client.replies.append(self._get("shell", 0))
            except Empty:
                return any(reply["parent"] == parent for reply in self.client.replies)

    def _get(self, channel: str, timeout: float) -> dict:
        message = getattr(self.client, f"get_{channel}_msg")(timeout=timeout)
        return plain(self.client.validator.check(message, channel))

    def _next(self, kept: list, channel: str, parent: str) -> dict:
        for message in kept:
            if message["parent"] == parent:
                kept.remove(message)
                return message
        while True:
            message = self._get(channel, TIMEOUT)
            if message["parent"] == parent:
                return message
            kept.append(message)

    def question(self, parent: str) -> dict:
        """The next input_request on stdin."""
        return self._next(self.client.replies, "stdin", parent)

    def answer(self, value: str, parent: dict | None = None) -> None:
        """Without a parent header, as jupyter_client answers, or with it, as JupyterLab does."""
        message = self.client.session.msg("input_reply", {"value": value}, parent=parent)
        self.client.stdin_channel.send(message)

    def interrupt(self) -> None:
        """As the manager does, but with the client's own count of messages: the manager's may repeat an id."""
        self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))

    def heartbeat(self) -> str:
        """The echo of one ping on a new socket."""
        context = zmq.Context.instance()
        with context.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(self.client._make_url("hb"))
            socket.send(b"ping")
            return socket.recv().decode() if socket.poll(TIMEOUT * 1000) else "no echo"

    def raw(self, channel: str, messages: list[list[str]]) -> None:
        """Messages of base64 frames from a stranger's socket."""
        context = zmq.Context.instance()
        with context.socket(zmq.DEALER) as socket:
            socket.connect(self.client._make_url(channel))
            for frames in messages:
                socket.send_multipart([base64.b64decode(frame) for frame in frames])
            socket.linger = 2000

    def replay(self, type: str, content: dict, times: int) -> str:
        """One signed request, sent several times byte for byte."""
        message = self.client.session.msg(type, content)
        frames = self.client.session.serialize(message)
        for _ in range(times):
            self.client.shell_channel.socket.send_multipart(frames)
        return message["header"]["msg_id"]

    def log(self) -> str:
        """The text that the kernel has written to its own stderr, the Jupyter server's log."""
        self.log_file.seek(0)
        return self.log_file.read()

    def alive(self) -> bool:
        return self.manager.is_alive()

    def shutdown(self, restart: bool = False, channel: str = "control") -> dict:
        """Requests a shutdown by message only; returns whether the process ended by itself."""
        reply = self.reply(self.send("shutdown_request", {"restart": restart}, channel), channel)
        self.manager.provisioner.process.wait(timeout=TIMEOUT)
        return reply

    def stop(self) -> None:
        if self.manager is not None:
            for client in self.clients:
                client.stop_channels()
            self.manager.shutdown_kernel(now=True)
            self.manager = None


def main() -> None:
    driver = Driver()
    try:
        serve(driver)
    finally:
        # The test has ended: its kernel is ended too.
        driver.stop()


def serve(driver: Driver) -> None:
    for line in sys.stdin:
        request = json.loads(line)
        operation = getattr(driver, request.pop("operation"))
        try:
            answer = {"result": operation(**request)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer, default=str), flush=True)


main()
