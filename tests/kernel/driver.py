"""A real Jupyter client, driven over stdin and stdout by JSON lines: {"operation": ..., ...} in, {"result": ...} or {"error": ...} out.

Every message that comes from the kernel is validated against jupyter_kernel_test's schemas before it is handed on.
"""
import base64
import json
import subprocess
import sys
import traceback
from queue import Empty

import zmq
from jupyter_client.manager import KernelManager
from jupyter_kernel_test.msgspec_v5 import schema_fragments, validate_message

TIMEOUT = 90

# The messaging page says bool, and ipykernel sends one; this schema says number.
schema_fragments["input_request"]["properties"]["password"] = {"type": "boolean"}

# Comms have no schema there.
comm_part = {"comm_id": {"type": "string"}, "data": {"type": "object"}}
schema_fragments["comm_open"] = {
    "properties": {**comm_part, "target_name": {"type": "string"}},
    "required": ["comm_id", "data", "target_name"],
}
schema_fragments["comm_msg"] = {"properties": comm_part, "required": ["comm_id", "data"]}
schema_fragments["comm_close"] = {"properties": comm_part, "required": ["comm_id"]}


def plain(message: dict) -> dict:
    return {
        "type": message["header"]["msg_type"],
        "parent": message["parent_header"].get("msg_id"),
        "content": message["content"],
        "metadata": message["metadata"],
        "buffers": [base64.b64encode(buffer).decode() for buffer in message["buffers"]],
    }


def check(message: dict) -> dict:
    # The schemas predate the status 'aborted' of protocol 5.1.
    if message["content"].get("status") != "aborted":
        validate_message(message)
    return plain(message)


class Driver:
    manager = None

    def start(self, kernel: str, folder: str) -> dict:
        self.manager = KernelManager(kernel_name=kernel)
        # Not this process's own stdout: Node makes it non-blocking, and then long lines of ours get lost.
        self.manager.start_kernel(cwd=folder, stdout=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)
        self.outputs: list[dict] = []
        self.replies: list[dict] = []
        return {"pid": self.manager.provisioner.process.pid}

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
        return self._next(self.outputs, self.client.get_iopub_msg, parent)

    def reply(self, parent: str, channel: str = "shell") -> dict:
        get = getattr(self.client, f"get_{channel}_msg")
        return self._next(self.replies, get, parent)

    def has_reply(self, parent: str) -> bool:
        """Whether a reply has come already; never waits."""
        while True:
            try:
                self.replies.append(check(self.client.get_shell_msg(timeout=0)))
            except Empty:
                return any(reply["parent"] == parent for reply in self.replies)

    def _next(self, kept: list, get, parent: str) -> dict:
        for message in kept:
            if message["parent"] == parent:
                kept.remove(message)
                return message
        while True:
            message = check(get(timeout=TIMEOUT))
            if message["parent"] == parent:
                return message
            kept.append(message)

    def question(self, parent: str) -> dict:
        """The next input_request on stdin."""
        return self._next(self.replies, self.client.get_stdin_msg, parent)

    def answer(self, value: str) -> None:
        self.client.input(value)

    def interrupt(self) -> None:
        """As the manager does, but under the client's own count of messages: the manager's may repeat one of its ids."""
        self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))

    def heartbeat(self) -> str:
        """The echo of one ping on a socket of its own."""
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

    def alive(self) -> bool:
        return self.manager.is_alive()

    def shutdown(self) -> dict:
        """Asks by message only; says whether the process ended by itself."""
        message = self.client.session.msg("shutdown_request", {"restart": False})
        self.client.control_channel.send(message)
        reply = self.reply(message["header"]["msg_id"], "control")
        self.manager.provisioner.process.wait(timeout=TIMEOUT)
        return reply

    def stop(self) -> None:
        if self.manager is not None:
            self.client.stop_channels()
            self.manager.shutdown_kernel(now=True)
            self.manager = None


def main() -> None:
    driver = Driver()
    try:
        serve(driver)
    finally:
        # The test has ended, one way or another: its kernel goes too.
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
