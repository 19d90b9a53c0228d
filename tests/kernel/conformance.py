"""Jupyter's own conformance suite with all of its optional samples; run by conformance.test.ts."""
import unittest

import jupyter_kernel_test
from jupyter_kernel_test.msgspec_v5 import validate_message
from schema import Validator


def validate_strictly(message, msg_type=None, parent_id=None):
    """The suite's own checks of a reply, and this project's check of the whole message."""
    validate_message(message, msg_type, parent_id)
    # The suite reads some messages more than once: only the tests that use driver.py check for repeated ids.
    Validator().check(message)


jupyter_kernel_test.validate_message = validate_strictly


class ApolabKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "apolab-under-test"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('wrong')"
    completion_samples = [
        {"text": "JSON.str", "matches": {"stringify"}},
        {"text": "tf.matM", "matches": {"matMul"}},
    ]
    complete_code_samples = ["1 + 2", "function f() { return 1; }", "const a: number = 3"]
    incomplete_code_samples = ["function f() {", "[1, 2,", "`text"]
    invalid_code_samples = ["const = 3", "let x = = 4", ")("]
    code_page_something = "parseInt?"
    code_generate_error = "throw new Error('wrong')"
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "6 * 7", "result": "42"},
        {"code": "['a', 'b'].join('-')", "result": "'a-b'"},
    ]
    code_display_data = [
        {"code": "display.html('<b>x</b>')", "mime": "text/html"},
        {"code": "display(3)", "mime": "text/plain"},
    ]
    code_inspect_sample = "parseInt"
    code_clear_output = "display.clear()"
    code_history_pattern = "1*2"
    supported_history_operations = ("tail", "range", "search")


class ApolabWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "apolab-under-test"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
