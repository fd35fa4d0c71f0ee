"""Asks the simulator, and records the requests with its answers: see README.md."""

import json
import subprocess
from pathlib import Path

from tests.oracle.requests import policies, requests

FOLDER = Path(__file__).parent
RECORDING = FOLDER / "iam_decisions.json"


def main() -> None:
    """Write the recording."""
    asked = requests()
    questions = {"policies": policies(), "requests": asked}
    command = ["node", "simulate.mjs"]
    done = subprocess.run(  # noqa: S603 - a script of this folder
        command, cwd=FOLDER, input=json.dumps(questions), stdout=subprocess.PIPE, text=True, check=True
    )
    answers = json.loads(done.stdout)
    answered = [request | {"answer": answer} for request, answer in zip(asked, answers, strict=True)]
    lines = ",\n    ".join(json.dumps(request) for request in answered)
    named = ",\n    ".join(f"{json.dumps(name)}: {json.dumps(policy)}" for name, policy in policies().items())
    RECORDING.write_text(f'{{\n  "policies": {{\n    {named}\n  }},\n  "requests": [\n    {lines}\n  ]\n}}\n', "utf-8")


if __name__ == "__main__":
    main()
