"""One working day of Bailiff and the next morning, played through real sockets and printed: `make demo`."""

import time
from datetime import timedelta

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.sandbox import Stage
from bailiff_bot.sandbox.slack import Seen
from bailiff_bot.sandbox.text_renderer import draw

_PATIENCE = 30.0
_REAL_NAMES = {member.name: member.real_name for member in fixtures.MEMBERS}


def main() -> None:
    """Play the day, and stop everything that was started."""
    began = time.monotonic()
    _title("A Slack workspace, an EC2 fleet of two accounts and an Askbob are started on this machine, and the bot")
    with Stage() as stage:
        stage.start_bot()
        _commands(stage)
        _digest(stage)
        _nudges(stage)
        _next_morning(stage)
    _title(f"Everything is stopped again, after {time.monotonic() - began:.0f} s")
    print("To use it yourself, in a browser: make sandbox, and open the address that it prints.")


def _commands(stage: Stage) -> None:
    answer = _asks(stage, "bill", "/bailiff report", fixtures.DIGEST_CHANNEL)
    _title("Billie presses “Share in channel”: now everybody in the channel sees it")
    stage.slack.driver.user("bill").clicks(answer, "Share in channel")
    ada = stage.slack.driver.user("ada")
    shared = stage.slack.driver.wait_for(lambda: _latest(ada.sees(fixtures.DIGEST_CHANNEL)), _PATIENCE)
    print(draw(shared).splitlines()[0] + "\n    ...")
    _asks(stage, "ada", "/bailiff mine", "general")
    _asks(stage, "hector", "/bailiff mine", "general")
    _asks(stage, "ada", "/bailiff repotr", "general")


def _digest(stage: Stage) -> None:
    billie = stage.slack.driver.user("bill")
    before = len(billie.sees(fixtures.DIGEST_CHANNEL))
    _title(f"The digest is due, in #{fixtures.DIGEST_CHANNEL}: `bailiff digest`")
    done = stage.bailiff("digest")
    print(f"    {done.stdout}{done.stderr}".replace("\n", "\n    ").rstrip(), f"(exit code {done.returncode})\n")
    parent = billie.sees(fixtures.DIGEST_CHANNEL)[before]
    print(draw(parent))
    for message in billie.sees(fixtures.DIGEST_CHANNEL, thread=parent)[1:]:
        print(f"\n    --- in its thread ---\n{draw(message)}")


def _nudges(stage: Stage) -> None:
    for member in fixtures.MEMBERS:
        if member.deactivated or member.stranger:
            continue
        for message in stage.slack.driver.user(member.name).sees("bailiff"):
            _title(f"A direct message to {member.real_name}")
            print(draw(message))


def _next_morning(stage: Stage) -> None:
    _title("Ada deletes agr-1e3 and stops agr-gpu-training; a day passes, and the digest is due again")
    by_name = {seen.name: seen.id for seen in stage.aws.instances()}
    stage.aws.delete(by_name["agr-1e3"])
    stage.aws.stop(by_name["agr-gpu-training"])
    stage.let_pass(timedelta(days=1))
    stage.bailiff("digest")
    print(draw(stage.slack.driver.user("bill").sees(fixtures.DIGEST_CHANNEL)[-1]))
    _title("Nobody is told again, for nothing is new; but what Ada was told is brought up to date")
    print(draw(stage.slack.driver.user("ada").sees("bailiff")[-1]))


def _asks(stage: Stage, name: str, typed: str, channel: str) -> Seen:
    _title(f"{_REAL_NAMES[name]} types {typed} in #{channel}, and alone sees")
    person = stage.slack.driver.user(name)
    before = len(person.sees(channel))
    person.types(typed, channel=channel)
    answer = stage.slack.driver.wait_for(lambda: _answer(person.sees(channel)[before:]), _PATIENCE)
    print(draw(answer))
    return answer


def _answer(seen: list[Seen]) -> Seen | None:
    """Return the answer, once there is more than the word that it takes a moment."""
    return next((message for message in reversed(seen) if "first time" not in message.text), None)


def _latest(seen: list[Seen]) -> Seen | None:
    return next((message for message in reversed(seen) if not message.is_ephemeral), None)


def _title(text: str) -> None:
    print(f"\n=== {text}\n", flush=True)


if __name__ == "__main__":
    main()
