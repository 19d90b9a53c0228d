"""Starts our kernel with Jupyter's REST API, runs one cell over the websocket, and prints the results as JSON.

Usage: run_cell.py http://127.0.0.1:8888/lab?token=... 'code'
"""

import json
import sys
import urllib.parse
import urllib.request
import uuid

import websocket

address, code = sys.argv[1:]
parts = urllib.parse.urlsplit(address)
token = urllib.parse.parse_qs(parts.query)["token"][0]


def rest(method, path, body=None):
    request = urllib.request.Request(
        f"http://{parts.netloc}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {token}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


kernel = rest("POST", "/api/kernels", {"name": "apolab"})["id"]
session = uuid.uuid4().hex
socket = websocket.create_connection(
    f"ws://{parts.netloc}/api/kernels/{kernel}/channels?session_id={session}&token={token}", timeout=90
)
header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": session, "username": "test", "version": "5.4", "date": "2025-01-01T00:00:00Z"}
content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
socket.send(json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}))

outcome = {}
idle = False
while not (idle and "status" in outcome):
    message = json.loads(socket.recv())
    if message["parent_header"].get("msg_id") != header["msg_id"]:
        continue
    kind, content = message["header"]["msg_type"], message["content"]
    if kind == "execute_result":
        outcome["result"] = content["data"]
    elif kind == "execute_reply":
        outcome["status"] = content["status"]
    elif kind == "status":
        idle = content["execution_state"] == "idle"
socket.close()
rest("DELETE", f"/api/kernels/{kernel}")
print(json.dumps(outcome))
