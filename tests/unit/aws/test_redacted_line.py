"""An error text of AWS as one short line without secrets."""

import pytest

from bailiff_bot.aws.redacted_line import MAX_LENGTH, redacted_line

SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEBYaDHqa0AP1kGJ2example4Q9vKZ8W3hN5yT7rLmXcB6dF2sG0jH"
ACCESS_KEY = "ASIAIOSFODNN7EXAMPLE"


@pytest.mark.parametrize(
    "text",
    [
        f"The key {ACCESS_KEY} is not known",
        f"Credential={ACCESS_KEY}/20261123/eu-west-1/ec2/aws4_request",
        f"The secret '{SECRET_KEY}' is wrong",
        f"x-amz-security-token:{TOKEN}",
        f"You are not authorized. Encoded authorization failure message: {TOKEN} {TOKEN[:20]}",
        "Could not connect to https://bob:hunter2@proxy.example:8080/",
    ],
)
def test_no_secret_is_shown(text: str) -> None:
    shown = redacted_line(text)
    assert not any(secret in shown for secret in (ACCESS_KEY, SECRET_KEY, TOKEN, TOKEN[:20], "hunter2"))


def test_an_encoded_message_is_removed_with_the_words_before_it() -> None:
    assert redacted_line(f"Not authorized. Encoded authorization failure message: {TOKEN}") == "Not authorized."


@pytest.mark.parametrize(
    "text",
    [
        "User: arn:aws:sts::111122223333:assumed-role/bailiff-read-only-for-the-whole-organization/bailiff may not",
        'Could not connect to the endpoint URL: "https://ec2.eu-west-1.amazonaws.com/"',
        "Signature expired: 20261123T080000Z is now earlier than 20261123T085500Z",
    ],
)
def test_what_an_administrator_needs_is_kept(text: str) -> None:
    assert redacted_line(text) == text


def test_the_text_is_one_line_of_printable_characters() -> None:
    assert redacted_line(" a\n\tb\x1b[31m\u2028c ") == "a b [31m c"


def test_a_long_text_is_cut_to_the_maximum_length() -> None:
    assert len(redacted_line("word " * 1000)) == MAX_LENGTH
    assert redacted_line("word " * 1000).endswith("…")
