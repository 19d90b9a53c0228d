"""Which of a tokenizer's chat templates transformers uses: lists of named ones, files, both; with and without tools."""

import json
import shutil
import tempfile
from pathlib import Path

from provenance import FOLDER, provenance, write_golden
from transformers import AutoTokenizer

NAME = "chat-llama"
MESSAGES = [{"role": "user", "content": "How much?"}]
TOOL = {"type": "function", "function": {"name": "price_of", "description": "", "parameters": {"type": "object", "properties": {}}}}


def template(title):
    return title + ": {{ messages[0]['content'] }}{% if tools %} {{ tools | length }}{% endif %}{{ eos_token }}"


def named(*names, source="list"):
    return [{"name": name, "template": template(f"{source} {name}")} for name in names]


ADDITIONAL = "additional_chat_templates"
# The field chat_template of tokenizer_config.json, and the template files; null: there is none.
LAYOUTS = [
    {"title": "a text", "config": template("text"), "files": {}},
    {"title": "a list with a default", "config": named("default"), "files": {}},
    {"title": "a list with both", "config": named("tool_use", "rag", "default"), "files": {}},
    {"title": "a list without tool_use", "config": named("rag", "default"), "files": {}},
    {"title": "a list without a default", "config": named("tool_use", "rag"), "files": {}},
    {"title": "a list with neither", "config": named("rag"), "files": {}},
    {"title": "a file beside a list", "config": named("tool_use", "default"), "files": {"chat_template.jinja": template("file")}},
    {
        "title": "files",
        "config": None,
        "files": {"chat_template.jinja": template("file"), f"{ADDITIONAL}/tool_use.jinja": template("additional")},
    },
    {
        "title": "files beside a list",
        "config": named("tool_use", "default"),
        "files": {"chat_template.jinja": template("file"), f"{ADDITIONAL}/rag.jinja": template("additional rag")},
    },
    {
        "title": "additional files beside a list",
        "config": named("tool_use", "default"),
        "files": {f"{ADDITIONAL}/tool_use.jinja": template("additional"), f"{ADDITIONAL}/notes.txt": "no template"},
    },
]


def write(layout, folder):
    """The tokenizer of chat-llama with the templates of a layout."""
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(FOLDER / NAME / file, folder)
    place = folder / "tokenizer_config.json"
    config = json.loads(place.read_text(encoding="utf-8"))
    config.pop("chat_template", None)
    if layout["config"] is not None:
        config["chat_template"] = layout["config"]
    place.write_text(json.dumps(config), encoding="utf-8")
    for file, text in layout["files"].items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")


def main():
    for layout in LAYOUTS:
        layout["cases"] = []
        with tempfile.TemporaryDirectory() as scratch:
            write(layout, Path(scratch))
            tokenizer = AutoTokenizer.from_pretrained(scratch)
            for tools in (None, [], [TOOL]):
                case = {"tools": tools}
                try:
                    case["text"] = tokenizer.apply_chat_template(MESSAGES, tools=tools, tokenize=False)
                except ValueError as error:
                    case["error"] = str(error)
                layout["cases"].append(case)
    content = provenance("named_templates.py", ["transformers", "tokenizers", "jinja2"], None, "text")
    write_golden("named-templates.json", {**content, "messages": MESSAGES, "layouts": LAYOUTS})


if __name__ == "__main__":
    main()
