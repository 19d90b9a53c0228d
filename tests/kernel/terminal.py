"""Types into a program on a pseudo-terminal: terminal.py '[STEPS]' PROGRAM [ARGUMENTS].

A step is {"wait": PATTERN} or {"type": TEXT}. Prints {"seen": [what stood there up to each pattern's end], "exit": STATUS}; ends the
program only if it doesn't end after the last step.
"""
import json
import re
import sys

import pexpect

TIMEOUT = 60
# Control sequences, which a terminal does not show: colours, cursor movements, modes, the window's title.
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07|\x1b[=>()][A-Z0-9]?|\r")


class Terminal:
    def __init__(self, command: list[str]):
        self.child = pexpect.spawn(command[0], command[1:], timeout=TIMEOUT, encoding="utf-8", dimensions=(50, 200))
        self.raw = ""

    def wait(self, pattern: str) -> str:
        """Everything since the last wait, up to the end of the pattern."""
        while True:
            text = CONTROLS.sub("", self.raw)
            found = re.search(pattern, text)
            if found:
                self.raw = text[found.end() :]
                return text[: found.end()]
            try:
                self.raw += self.child.read_nonblocking(4096, TIMEOUT)
            except (pexpect.TIMEOUT, pexpect.EOF) as error:
                raise SystemExit(f"{pattern!r} did not come ({type(error).__name__}); there was: {text!r}") from error

    def exit(self) -> int | None:
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


def main() -> None:
    steps, *command = sys.argv[1:]
    terminal = Terminal(command)
    seen = []
    try:
        for step in json.loads(steps):
            if "type" in step:
                terminal.child.send(step["type"])
            else:
                seen.append(terminal.wait(step["wait"]))
        print(json.dumps({"seen": seen, "exit": terminal.exit()}))
    finally:
        terminal.child.close(force=True)


main()
