"""The validator of everything that the kernel sends: content, header, parent and channel of every message type.

Stricter than jupyter_kernel_test's own schemas, which are of protocol 5.1 (no 'aborted', no welcome, and 'const' that its draft
of JSON Schema ignores): a field that the protocol doesn't list is an error, and so is a type that isn't listed here.
After https://jupyter-client.readthedocs.io/en/stable/messaging.html, version 5.4, and JEP 65 and 91 for 5.5's additions.
"""
import re
import warnings
from datetime import datetime

from jsonschema import Draft202012Validator, ValidationError

# jupyter_client parses dates first, and takes one without a zone as local time, with this warning.
warnings.filterwarnings("error", message="Interpreting naive datetime as local")

TEXT = {"type": "string"}
NAME = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}
FLAG = {"type": "boolean"}
OBJECT = {"type": "object"}
TEXTS = {"type": "array", "items": TEXT}
PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
# JSON is sent as JSON, everything else as text.
MIME = {
    "type": "object",
    "patternProperties": {r"^[\w.+-]+/([\w.-]+\+)?json$": {}, r"^[\w.+-]+/(?!([\w.-]+\+)?json$)[\w.+-]+$": TEXT},
    "additionalProperties": False,
}


def fields(required: dict, **optional: dict) -> dict:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def status(value: str) -> dict:
    return {"const": value}


ERROR = {"status": status("error"), "ename": NAME, "evalue": TEXT, "traceback": TEXTS}
ABORTED = {"status": status("aborted")}
BUNDLE = {"data": MIME, "metadata": OBJECT}
LANGUAGE = fields(
    {"name": NAME, "version": NAME, "mimetype": NAME, "file_extension": {"type": "string", "pattern": r"^\.\w+$"}},
    pygments_lexer=NAME,
    codemirror_mode={"type": ["string", "object"]},
    nbconvert_exporter=NAME,
)
HISTORY_ENTRY = {
    "type": "array",
    "prefixItems": [
        {"type": "integer"},
        COUNT,
        {"anyOf": [TEXT, {"type": "array", "prefixItems": [TEXT, {"type": ["string", "null"]}], "minItems": 2, "maxItems": 2}]},
    ],
    "minItems": 3,
    "maxItems": 3,
}
PAYLOAD = {
    "oneOf": [
        fields({"source": status("page"), "data": MIME, "start": COUNT}),
        fields({"source": status("set_next_input"), "text": TEXT}, replace=FLAG),
        fields({"source": status("ask_exit"), "keepkernel": FLAG}),
        fields({"source": status("edit_magic"), "filename": TEXT, "line_number": COUNT}),
    ]
}
EXPRESSION = {"oneOf": [fields({"status": status("ok"), **BUNDLE}), fields(ERROR)]}


def reply(**ok: dict) -> dict:
    """A reply that is 'ok' with these fields, or an error, or aborted."""
    return {"oneOf": [fields({"status": status("ok"), **ok}), fields(ERROR), fields(ABORTED)]}


REPLIES = {
    "execute_reply": {
        "oneOf": [
            fields(
                {
                    "status": status("ok"),
                    "execution_count": COUNT,
                    "payload": {"type": "array", "items": PAYLOAD},
                    "user_expressions": {"type": "object", "additionalProperties": EXPRESSION},
                }
            ),
            fields({**ERROR}, execution_count=COUNT),
            fields({**ABORTED}, execution_count=COUNT),
        ]
    },
    "inspect_reply": reply(found=FLAG, **BUNDLE),
    "complete_reply": reply(matches=TEXTS, cursor_start=COUNT, cursor_end=COUNT, metadata=OBJECT),
    "is_complete_reply": {
        "oneOf": [
            fields({"status": {"enum": ["complete", "invalid", "unknown"]}}),
            fields({"status": status("incomplete"), "indent": TEXT}),
            fields(ERROR),
            fields(ABORTED),
        ]
    },
    "history_reply": reply(history={"type": "array", "items": HISTORY_ENTRY}),
    "comm_info_reply": reply(comms={"type": "object", "additionalProperties": fields({"target_name": TEXT})}),
    "connect_reply": reply(shell_port=PORT, iopub_port=PORT, stdin_port=PORT, control_port=PORT, hb_port=PORT),
    "kernel_info_reply": {
        "oneOf": [
            fields(
                {
                    "status": status("ok"),
                    "protocol_version": {"type": "string", "pattern": r"^5\.\d+$"},
                    "implementation": NAME,
                    "implementation_version": NAME,
                    "language_info": LANGUAGE,
                    "banner": NAME,
                },
                debugger=FLAG,
                help_links={"type": "array", "items": fields({"text": NAME, "url": NAME})},
                supported_features=TEXTS,
            ),
            fields(ERROR),
        ]
    },
    "shutdown_reply": reply(restart=FLAG),
    "interrupt_reply": reply(),
    "create_subshell_reply": reply(subshell_id=NAME),
    "delete_subshell_reply": reply(),
    "list_subshell_reply": reply(subshell_id=TEXTS),
    # A response of the Debug Adapter Protocol, which has no status.
    "debug_reply": fields(
        {"type": status("response"), "request_seq": COUNT, "success": FLAG, "command": TEXT},
        seq=COUNT,
        message=TEXT,
        body=OBJECT,
    ),
}
OUTPUTS = {
    "status": fields({"execution_state": {"enum": ["busy", "idle", "starting"]}}),
    "execute_input": fields({"code": TEXT, "execution_count": COUNT}),
    "execute_result": fields({"execution_count": COUNT, **BUNDLE}, transient=OBJECT),
    "display_data": fields(BUNDLE, transient=fields({}, display_id=NAME)),
    "update_display_data": fields({**BUNDLE, "transient": fields({"display_id": NAME})}),
    "clear_output": fields({"wait": FLAG}),
    "stream": fields({"name": {"enum": ["stdout", "stderr"]}, "text": NAME}),
    "error": fields({"ename": NAME, "evalue": TEXT, "traceback": TEXTS}),
    "comm_open": fields({"comm_id": NAME, "target_name": TEXT, "data": OBJECT}, target_module=TEXT),
    "comm_msg": fields({"comm_id": NAME, "data": OBJECT}),
    "comm_close": fields({"comm_id": NAME, "data": OBJECT}),
    "iopub_welcome": fields({"subscription": TEXT}),
    "shutdown_reply": REPLIES["shutdown_reply"],
}
QUESTIONS = {"input_request": fields({"prompt": TEXT, "password": FLAG})}
CHANNELS = {"shell": REPLIES, "control": REPLIES, "iopub": OUTPUTS, "stdin": QUESTIONS}

HEADER = fields(
    {
        "msg_id": NAME,
        "msg_type": NAME,
        "session": NAME,
        "username": NAME,
        "date": {},
        "version": {"type": "string", "pattern": r"^5\.\d+$"},
    }
)
PARENT = {"type": "object", "anyOf": [{"maxProperties": 0}, {"required": ["msg_id", "msg_type", "session"]}]}
ISO_DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$")


class Validator:
    """Checks the messages that one client gets; it remembers ids and the session, which must not change."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.session: str | None = None

    def check(self, message: dict, channel: str | None = None) -> dict:
        """The message itself; raises a ValidationError that names the message and what is wrong with it."""
        try:
            self._check(message, channel)
        except ValidationError as error:
            raise ValidationError(f"{error.message}\nin {message}") from error
        return message

    def _check(self, message: dict, channel: str | None) -> None:
        header, parent = message["header"], message["parent_header"]
        validate(header, HEADER)
        validate(parent, PARENT)
        validate(message["metadata"], OBJECT)
        validate(message["buffers"], {"type": "array"})
        date = header["date"]
        zoned = date.tzinfo is not None if isinstance(date, datetime) else bool(ISO_DATE.match(str(date)))
        if not zoned:
            raise ValidationError(f"the date {date!r} is no ISO 8601 with a zone")
        if self.session not in (None, header["session"]):
            raise ValidationError(f"the session changed from {self.session}")
        self.session = header["session"]
        if header["msg_id"] in self.ids:
            raise ValidationError("its msg_id was used before")
        self.ids.add(header["msg_id"])

        type = header["msg_type"]
        known = [types for name, types in CHANNELS.items() if channel in (None, name) and type in types]
        if not known and type.endswith("_reply") and channel != "iopub":
            # To an unknown request the kernel may only reply with an error.
            known = [{type: fields(ERROR)}]
        if not known:
            raise ValidationError(f"'{type}' is not a message of the kernel on {channel or 'any channel'}")
        validate(message["content"], known[0][type])
        if type.endswith("_reply") and parent.get("msg_type") != type.replace("_reply", "_request"):
            raise ValidationError(f"it answers '{parent.get('msg_type')}'")
        if type in QUESTIONS and parent.get("msg_type") != "execute_request":
            raise ValidationError("it is asked on behalf of no cell")


def validate(value: object, schema: dict) -> None:
    Draft202012Validator(schema).validate(value)
