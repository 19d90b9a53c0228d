"""Malformed, unsigned and absurd frames for all five sockets of a running kernel; run by fuzz.test.ts.

Prints one JSON object: what the kernel's memory was after the warm-up and at the end, what ran that should not have, and whether
everything still answers. Seeded: the same frames in the same order each time.
"""
import json
import random
import socket
import sys
import tempfile
import time
from queue import Empty

import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from schema import Validator

FRAMES, WARM_UP = int(sys.argv[2]), int(sys.argv[3])
TIMEOUT = 90
DELIMITER = b"<IDS|MSG>"
MEGABYTES = b"x" * 5_000_000
chance = random.Random(20)


class Kernel:
    def __init__(self, name: str) -> None:
        self.log = tempfile.TemporaryFile("w+")
        self.manager = KernelManager(kernel_name=name)
        # An empty folder: a tsconfig.json in the current one would change how the cells are checked.
        self.folder = tempfile.TemporaryDirectory()
        self.manager.start_kernel(stderr=self.log, cwd=self.folder.name)
        self.client = BlockingKernelClient(connection_file=self.manager.connection_file)
        self.client.load_connection_file()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)
        self.session = self.client.session
        self.validator = Validator()

    def value(self, code: str) -> str:
        """The result of a cell, whose messages are all valid."""
        parent = self.client.execute(code)
        result = None
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != parent:
                continue
            self.validator.check(message, "iopub")
            if message["msg_type"] == "error":
                raise RuntimeError(message["content"]["evalue"])
            if message["msg_type"] == "execute_result":
                result = message["content"]["data"]["text/plain"]
            if message["content"].get("execution_state") == "idle":
                break
        self.validator.check(self.client.get_shell_msg(timeout=TIMEOUT), "shell")
        return result

    def memory(self) -> float:
        """Megabytes of the process, after the main thread has collected its garbage."""
        collect = "require('node:v8').setFlagsFromString('--expose-gc'); require('node:vm').runInNewContext('gc')();"
        return float(self.value(f"{collect} process.memoryUsage().rss / 1e6"))

    def sign(self, *parts: bytes) -> list[bytes]:
        return [DELIMITER, self.session.sign(list(parts)), *parts]

    def header(self, type: object) -> bytes:
        return json.dumps({**self.session.msg_header("x"), "msg_type": type}, default=str).encode()

    def signed(self, type: object, content: object) -> list[bytes]:
        return self.sign(self.header(type), b"{}", b"{}", json.dumps(content).encode())

    def log_lines(self) -> list[str]:
        self.log.seek(0)
        return self.log.readlines()


kernel = Kernel(sys.argv[1])
replayed: list[list[bytes]] = []


def noise(most: int = 60) -> bytes:
    return chance.randbytes(chance.randrange(most))


def attack() -> list[bytes]:
    """A well-formed cell that must not run, because its signature is wrong."""
    return kernel.signed("execute_request", {"code": "globalThis.ran += 1", "silent": False, "allow_stdin": False})


def wrong_signature() -> list[bytes]:
    frames = attack()
    frames[1] = chance.choice([b"", b"0" * 64, b"0" * 63, frames[1][:-1], frames[1].upper() + b" ", frames[1][::-1], noise()])
    return frames


def other_content() -> list[bytes]:
    frames = attack()
    part = chance.randrange(2, 6)
    frames[part] = frames[part].replace(b"{", b"{ ", 1)
    return frames


def truncated() -> list[bytes]:
    return attack()[: chance.randrange(5)] or [b""]


def no_delimiter() -> list[bytes]:
    return attack()[1:]


def random_frames() -> list[bytes]:
    return [DELIMITER if chance.random() < 0.3 else noise() for _ in range(chance.randrange(1, 9))]


def empty_frames() -> list[bytes]:
    return [b""] * chance.randrange(1, 12)


def broken_json() -> list[bytes]:
    """Signed with the right key, but not a message."""
    parts = [kernel.header("execute_request"), b"{}", b"{}", b'{"code": "globalThis.ran += 1"}']
    broken = [b"{", b"", b"[]", b"null", b"5", b'"text"', b'{"code": NaN}', b"\xff\xfe{}", b'{"a": "\xc3\x28"}', b"{}{}", noise()]
    broken += [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}"]
    parts[chance.randrange(4)] = chance.choice(broken)
    return kernel.sign(*parts)


def bad_header() -> list[bytes]:
    header = json.loads(kernel.header("execute_request"))
    header[chance.choice(["msg_id", "msg_type", "session"])] = chance.choice([None, 5, [], {"a": 1}])
    return kernel.sign(json.dumps(header).encode(), b"{}", b"{}", b'{"code": "globalThis.ran += 1"}')


def odd_type() -> list[bytes]:
    types = ["__proto__", "constructor", "toString", "hasOwnProperty", "", "execute_reply", "_request", "nonsense_request", "x" * 1000]
    return kernel.signed(chance.choice(types), {"code": "globalThis.ran += 1"})


WRONG = [5, -1e9, 1e308, "x", "", None, True, [], [1], {}, {"toString": 5}, {"__proto__": {"polluted": 1}}, -0.5]
REQUESTS = {
    "complete_request": ["code", "cursor_pos"],
    "inspect_request": ["code", "cursor_pos", "detail_level"],
    "is_complete_request": ["code"],
    "history_request": ["hist_access_type", "n", "session", "start", "stop", "pattern", "unique", "output", "raw"],
    "comm_info_request": ["target_name"],
    "kernel_info_request": ["anything"],
    "connect_request": ["anything"],
    "debug_request": ["seq", "command", "arguments"],
    "input_reply": ["value"],
    "execute_request": ["silent", "store_history", "user_expressions", "allow_stdin", "stop_on_error"],
}


def wrong_fields() -> list[bytes]:
    type = chance.choice(list(REQUESTS))
    content = {field: chance.choice(WRONG) for field in REQUESTS[type] if chance.random() < 0.8}
    if type == "history_request" and chance.random() < 0.7:
        content["hist_access_type"] = chance.choice(["tail", "range", "search"])
    if type != "execute_request" and "code" in content and chance.random() < 0.5:
        content["code"] = "'😀'.padS"
    return kernel.signed(type, chance.choice([content, content, content, {}]))


def wrong_code() -> list[bytes]:
    return kernel.signed("execute_request", {"code": chance.choice([*WRONG[:1], *WRONG[5:]]), "silent": chance.choice(WRONG)})


def replay() -> list[bytes]:
    if not replayed or chance.random() < 0.1:
        replayed.append(kernel.signed("execute_request", {"code": "globalThis.once += 1;", "silent": True}))
    return chance.choice(replayed)


def megabytes() -> list[bytes]:
    frames = attack()
    return chance.choice(
        [
            [MEGABYTES],
            [MEGABYTES, *frames[:1], b"0" * 64, *frames[2:]],
            [*frames[:1], MEGABYTES, *frames[2:]],
            [*frames[:1], b"0" * 64, *frames[2:], MEGABYTES],
            kernel.signed("comm_info_request", {"target_name": MEGABYTES.decode()}),
        ]
    )


# How often each kind comes, of about a hundred.
UNSIGNED = {wrong_signature: 20, other_content: 10, truncated: 8, no_delimiter: 6, random_frames: 10, empty_frames: 4}
KINDS = {**UNSIGNED, broken_json: 14, bad_header: 4, odd_type: 5, wrong_fields: 7, wrong_code: 1, replay: 8, megabytes: 1}
CHANNELS = {"shell": 45, "control": 15, "stdin": 15, "hb": 10, "iopub": 13, "tcp": 2}


class Strangers:
    """Sockets of unknown clients, opened again now and then; the kernel's answers are read and dropped."""

    def __init__(self) -> None:
        self.context = zmq.Context()
        self.sockets: dict[str, zmq.Socket] = {}
        self.connections: list[socket.socket] = []

    def send(self, channel: str, frames: list[bytes]) -> None:
        if channel not in self.sockets or chance.random() < 0.01:
            self.open(channel)
        stranger = self.sockets[channel]
        try:
            stranger.send_multipart(frames)
        except zmq.Again:
            # The kernel has ended this connection, or its queue is full.
            self.open(channel)
        while stranger is self.sockets[channel] and stranger.poll(0):
            stranger.recv_multipart()

    def open(self, channel: str) -> None:
        if channel in self.sockets:
            self.sockets[channel].close(linger=2000)
        kinds = {"iopub": [zmq.XSUB], "hb": [zmq.DEALER, zmq.REQ]}.get(channel, [zmq.DEALER])
        stranger = self.context.socket(chance.choice(kinds))
        if stranger.type == zmq.REQ:
            stranger.setsockopt(zmq.REQ_RELAXED, 1)
        stranger.setsockopt(zmq.SNDTIMEO, 10_000)
        if chance.random() < 0.3 and channel != "iopub":
            stranger.setsockopt(zmq.IDENTITY, b"\x01" + noise(200))
        stranger.connect(kernel.client._make_url(channel))
        self.sockets[channel] = stranger

    def garbage(self) -> None:
        """Bytes that are not ZeroMQ, or only begin like it; some connections then stay open and silent."""
        greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16 + 1 + 31)
        ready = b"\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
        huge = b"\x02" + (2**62).to_bytes(8, "big") + noise()
        # ZeroMQ's own sockets end their process for a topic as long as this one: it frees its tree of topics by recursion.
        subscribe = b"\x04\x16\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB" + b"\x02" + len(MEGABYTES).to_bytes(8, "big") + b"\x01" + MEGABYTES[1:]
        texts = [noise(2000), b"GET / HTTP/1.1\r\n\r\n", greeting, greeting[:20], greeting + noise(), b""]
        texts += [greeting + ready + huge, greeting + subscribe]
        port = getattr(kernel.client, chance.choice(["shell_port", "control_port", "stdin_port", "iopub_port", "hb_port"]))
        connection = socket.create_connection(("127.0.0.1", port))
        self.connections.append(connection)
        try:
            connection.sendall(chance.choice(texts))
        except OSError:
            pass  # the kernel may hang up first
        if len(self.connections) > 20:
            self.connections.pop(0).close()


def subscription() -> list[bytes]:
    """What a subscriber can send: odd topics, cancellations without a subscription, and frames that are not subscriptions."""
    return [chance.choice([b"\x01", b"\x00", b"\x02", b""]) + noise(400)]


strangers = Strangers()


def one() -> None:
    channel = chance.choices(list(CHANNELS), list(CHANNELS.values()))[0]
    if channel == "tcp":
        strangers.garbage()
    elif channel == "iopub" and chance.random() < 0.7:
        strangers.send("iopub", subscription())
    else:
        frames = chance.choices(list(KINDS), list(KINDS.values()))[0]()
        # Strangers that imitate the heartbeat's own framing, too.
        strangers.send(channel, [b"", *frames] if channel == "hb" and chance.random() < 0.5 else frames)


def settle() -> None:
    """Waits until the kernel has handled what was sent, on every channel; the client's own channels still answer."""
    for channel in ("shell", "control"):
        message = kernel.session.msg("kernel_info_request", {})
        getattr(kernel.client, f"{channel}_channel").send(message)
        while True:
            reply = getattr(kernel.client, f"get_{channel}_msg")(timeout=TIMEOUT)
            if reply["parent_header"]["msg_id"] == message["header"]["msg_id"]:
                break
    while True:
        try:
            kernel.client.get_iopub_msg(timeout=0.02)
        except Empty:
            break


def heartbeat() -> str:
    with strangers.context.socket(zmq.REQ) as ping:
        ping.linger = 0
        ping.connect(kernel.client._make_url("hb"))
        ping.send(b"ping")
        return ping.recv().decode() if ping.poll(10_000) else "no echo"


kernel.value("globalThis.ran = 0; globalThis.once = 0; 0")
started = time.monotonic()
memory = []
for frame in range(FRAMES):
    if frame in (WARM_UP, WARM_UP + (FRAMES - WARM_UP) // 2):
        settle()
        memory.append(kernel.memory())
    one()
    # The client reads what comes, like a user's.
    if frame % 50 == 0:
        settle()
settle()
memory.append(kernel.memory())
report = {
    "frames": FRAMES,
    "seconds": round(time.monotonic() - started, 1),
    "memory": memory,
    "ran": kernel.value("globalThis.ran"),
    "runsOfReplayed": int(kernel.value("globalThis.once")),
    "replayed": len(replayed),
    "polluted": kernel.value("'polluted' in {}"),
    "heartbeat": heartbeat(),
    "alive": kernel.manager.is_alive(),
    "next": kernel.value("6 * 7"),
    "logLines": len(kernel.log_lines()),
    "log": [line.rstrip() for line in kernel.log_lines()[-40:]],
}
kernel.client.stop_channels()
kernel.manager.shutdown_kernel(now=True)
strangers.context.destroy(linger=0)
print(json.dumps(report))
