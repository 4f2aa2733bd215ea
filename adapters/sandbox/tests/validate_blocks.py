"""Holds every block and view that an app sent against the validators of Slack's own Python SDK.

Usage: validate_blocks.py DUMP…

A dump is a file that `Sandbox::dump_calls` wrote, or a folder of the files that workspaces write
when BREAKGLASS_SANDBOX_CALLS names it.

Prints each fault with its file and call, and a closing line; exits 1 if there is a fault or
nothing to check.
"""

import json
import logging
import sys
from pathlib import Path

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, Option, OptionGroup
from slack_sdk.models.views import View


class Warnings(logging.Handler):
    """Collects what the SDK only warns about: unknown types and attributes."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.taken = []

    def emit(self, record):
        self.taken.append(record.getMessage())


warnings = Warnings()
logging.getLogger("slack_sdk").addHandler(warnings)
logging.getLogger("slack_sdk").propagate = False


def objects(call):
    """The blocks, views and options in one call, each with the function that makes the SDK's object."""
    body = call["body"] if isinstance(call["body"], dict) else {}
    for block in body.get("blocks") or []:
        yield block, Block.parse
    if body.get("view"):
        yield body["view"], lambda view: View(**view)
    for option in body.get("options") or []:
        yield option, lambda option: Option(**option)
    for group in body.get("option_groups") or []:
        yield group, lambda group: OptionGroup(**group)


def fault(value, make):
    """What is wrong with one object, or nothing."""
    warnings.taken.clear()
    try:
        made = make(value)
        if made is None:
            return "unknown to the SDK"
        made.to_dict()  # runs the validators
    except (SlackObjectFormationError, TypeError, KeyError) as error:
        return str(error)
    return "; ".join(warnings.taken) or None


def calls_in(file):
    """The calls in a file: one JSON array, or one call on each line."""
    text = file.read_text(encoding="utf-8")
    if text.startswith("["):
        return json.loads(text)
    # A process that was killed may have left half a line.
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def main(dumps):
    files = [file for dump in map(Path, dumps) for file in (sorted(dump.iterdir()) if dump.is_dir() else [dump])]
    checked, faults = 0, 0
    for file in files:
        for index, call in enumerate(calls_in(file)):
            if not call["ok"]:
                continue
            for value, make in objects(call):
                checked += 1
                wrong = fault(value, make)
                if wrong:
                    faults += 1
                    print(f"{file}: call {index}, {call['method']}: {wrong}\n  {json.dumps(value)[:400]}")
    print(f"{checked} objects checked, {faults} faults")
    return 1 if faults or not checked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
