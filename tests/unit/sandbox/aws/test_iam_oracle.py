"""The sandbox's IAM decides as another implementation does: see tests/oracle/README.md."""

import json
from pathlib import Path
from typing import Any

import pytest

from bailiff_bot.sandbox.aws.iam.context import make_context
from bailiff_bot.sandbox.aws.iam.document import parse_policy
from bailiff_bot.sandbox.aws.iam.evaluation import Decision, IamRequest, authorize

RECORDING = json.loads((Path(__file__).parents[3] / "oracle" / "iam_decisions.json").read_text("utf-8"))
POLICIES = {name: parse_policy(document) for name, document in RECORDING["policies"].items()}
REQUESTS = RECORDING["requests"]


@pytest.mark.parametrize("request_", REQUESTS, ids=[str(number) for number in range(len(REQUESTS))])
def test_a_request_is_decided_as_by_the_oracle(request_: dict[str, Any]) -> None:
    context = make_context(
        {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in {**request_["context"], "aws:PrincipalAccount": request_["account"]}.items()
        }
    )
    session = parse_policy(request_["session"]) if request_["session"] else None

    verdict = authorize(
        POLICIES[request_["policy"]], session, IamRequest(request_["action"], request_["resource"], context)
    )

    assert verdict.decision.value == request_["answer"], request_


def test_the_oracle_was_asked_at_least_200_different_requests_with_every_answer() -> None:
    assert len({json.dumps(request) for request in REQUESTS}) >= 200
    answers = [request["answer"] for request in REQUESTS]
    assert all(answers.count(decision.value) >= 20 for decision in Decision)
