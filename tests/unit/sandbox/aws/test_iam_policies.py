"""Policy documents of the sandbox: what is refused when they are loaded, and how their parts match."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.sandbox.aws.iam.conditions import make_condition
from bailiff_bot.sandbox.aws.iam.context import Context, make_context
from bailiff_bot.sandbox.aws.iam.document import Policy, parse_policy
from bailiff_bot.sandbox.aws.iam.errors import PolicyError
from bailiff_bot.sandbox.aws.iam.evaluation import Decision, IamRequest, authorize, evaluate
from bailiff_bot.sandbox.aws.iam.patterns import matches, matches_arn
from bailiff_bot.sandbox.aws.iam.roles import default_policy

INSTANCE = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0aaaaaaaaaaaaaaa1"
ALLOW = {"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*"}
STOP = IamRequest("ec2:StopInstances", INSTANCE)
NO_CONTEXT = Context()


def policy(*statements: dict[str, Any]) -> Policy:
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements)})


class TestDocuments:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"Effect": "allow"}, "Effect"),
            ({"Actions": "ec2:*"}, "Unknown element of a statement: Actions"),
            ({"NotAction": "ec2:*"}, "either Action or NotAction"),
            ({"Resource": []}, "string"),
            ({"Condition": {"StringEqual": {"aws:TagKeys": "x"}}}, "Unknown condition operator 'StringEqual'"),
            ({"Condition": {"NumericLessThan": {"aws:x": "1"}}}, "Unknown condition operator"),
            ({"Condition": {"ForSomeValues:StringEquals": {"aws:x": "1"}}}, "Unknown condition operator"),
            ({"Condition": {"NullIfExists": {"aws:x": "true"}}}, "Null has neither"),
            ({"Condition": {"DateLessThan": {"aws:x": "yesterday"}}}, "A time such as"),
            ({"Condition": "none"}, "an object of operators"),
            ({"Principal": "*"}, "names principals"),
        ],
    )
    def test_are_refused_if_a_part_is_not_understood(self, change: dict[str, Any], words: str) -> None:
        with pytest.raises(PolicyError, match=words):
            policy(ALLOW | change)

    @pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"Version": "2008-10-17"}', '{"Statement": []}'])
    def test_are_refused_unless_they_are_objects_of_the_present_version(self, text: str) -> None:
        with pytest.raises(PolicyError):
            parse_policy(text)

    def test_of_a_trust_policy_name_principals(self) -> None:
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        with pytest.raises(PolicyError, match="names principals"):
            parse_policy({"Version": "2012-10-17", "Statement": [trust]}, is_trust=True)
        with pytest.raises(PolicyError, match="principals of AWS only"):
            parse_policy(
                {"Version": "2012-10-17", "Statement": [trust | {"Principal": {"Service": "ec2"}}]}, is_trust=True
            )


class TestEvaluation:
    def test_an_explicit_deny_wins_wherever_it_stands(self) -> None:
        deny = {"Effect": "Deny", "Action": "ec2:Stop*", "Resource": INSTANCE}

        assert evaluate(policy(ALLOW, deny), STOP) is evaluate(policy(deny, ALLOW), STOP) is Decision.DENIED
        assert evaluate(policy(), STOP) is Decision.NOT_ALLOWED

    @pytest.mark.parametrize("session_allows", [True, False])
    @pytest.mark.parametrize("identity_allows", [True, False])
    def test_a_session_policy_never_allows_more_than_the_role(
        self, *, identity_allows: bool, session_allows: bool
    ) -> None:
        identity, session = (policy(*[ALLOW] * allows) for allows in (identity_allows, session_allows))

        allowed = authorize(identity, session, STOP).decision is Decision.ALLOWED

        assert allowed == (identity_allows and session_allows)

    @pytest.mark.parametrize("value", ["never", "Never"])
    @pytest.mark.parametrize("name", ["act", "delete"])
    def test_no_role_touches_what_is_tagged_never(self, name: str, value: str) -> None:
        context = make_context({"aws:ResourceTag/bailiff:actions": value})
        for action in ("StopInstances", "StartInstances", "TerminateInstances", "CreateImage", "CreateTags"):
            request = IamRequest(f"ec2:{action}", INSTANCE, context)
            assert evaluate(default_policy(name), request) is Decision.DENIED


class TestConditions:
    @pytest.mark.parametrize(
        ("operator", "expected", "met_without", "met_with_other"),
        [
            ("StringEquals", "x", False, False),
            ("StringEqualsIfExists", "x", True, False),
            ("StringNotEquals", "x", True, True),
            ("ForAllValues:StringEquals", "x", True, False),
            ("ForAnyValue:StringEquals", "x", False, False),
            ("ForAnyValue:StringNotEquals", "x", False, True),
            ("Null", "true", True, False),
            ("Null", "false", False, True),
            ("DateLessThanEquals", "2026-11-20T09:00:00Z", False, True),
            ("ArnNotLike", "arn:aws:iam::*:role/x", True, True),
        ],
    )
    def test_without_the_key_and_with_another_value(
        self, operator: str, expected: str, *, met_without: bool, met_with_other: bool
    ) -> None:
        condition = make_condition(operator, "aws:Key", (expected,))
        other = make_context({"AWS:key": "2026-11-19T09:00:00Z"})

        assert condition.is_met(NO_CONTEXT) == met_without
        assert condition.is_met(other) == met_with_other

    def test_for_all_values_of_no_tag_keys_needs_null(self) -> None:
        keys = make_condition("ForAllValues:StringEquals", "aws:TagKeys", ("Name",))
        given_ = make_condition("Null", "aws:TagKeys", ("false",))

        assert keys.is_met(NO_CONTEXT)
        assert not given_.is_met(NO_CONTEXT)
        assert not keys.is_met(make_context({"aws:TagKeys": ("Name", "Owner")}))


class TestPatterns:
    @given(st.text(), st.text())
    def test_a_text_without_wildcards_matches_itself_alone(self, text: str, other: str) -> None:
        pattern = "".join(character for character in text if character not in "*?$")

        assert matches(pattern, pattern, NO_CONTEXT)
        assert matches(pattern, other, NO_CONTEXT) == (pattern == other)

    @given(st.text(), st.text())
    def test_a_star_matches_everything(self, before: str, after: str) -> None:
        assert matches("*", before + after, NO_CONTEXT)
        assert matches("a*b", f"a{before}b", NO_CONTEXT)

    @given(st.text())
    def test_the_value_of_a_variable_is_no_pattern(self, value: str) -> None:
        context = make_context({"aws:SourceIdentity": "*"})

        assert matches("${aws:sourceidentity}", value, context) == (value == "*")
        assert not matches("${aws:userid}", value, context)
        assert matches("${*}", "*", NO_CONTEXT)
        assert not matches("${*}", "x", NO_CONTEXT)

    @pytest.mark.parametrize(
        ("pattern", "found"),
        [
            ("*", True),
            ("arn:aws:ec2:*:*:instance/*", True),
            ("arn:aws:ec2:*:instance/*", False),
            ("arn:aws:ec2:eu-*:111122223333:instance/i-0aaaaaaaaaaaaaaa?", True),
            ("arn:aws:ec2:*:*:volume/*", False),
            ("arn:aws:EC2:*:*:instance/*", False),
            ("arn:aws:ec2:*::instance/*", False),
        ],
    )
    def test_an_arn_is_matched_part_by_part(self, pattern: str, *, found: bool) -> None:
        assert matches_arn(pattern, INSTANCE, NO_CONTEXT) == found
