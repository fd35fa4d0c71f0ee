"""Runs three days of Bailiff over real sockets, and prints them: `make demo`."""

import time
from datetime import timedelta

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.sandbox import WITH_ACTING, Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
from bailiff_bot.sandbox.text_renderer import render_text, render_view

_TIMEOUT_SECONDS = 30.0
_NEXT_TICK_SECONDS = 120.0
"""Until the bot looks at what came of a stop, and has collected for a minute what it tells the triage channel."""
_REAL_NAMES = {member.name: member.real_name for member in fixtures.USERS}


def main() -> None:
    """Run the demo, then stop everything that it started."""
    started_at = time.monotonic()
    _print_heading("Starting a Slack workspace, an EC2 fleet of two accounts, an Askbob and the bot on this machine")
    with Sandbox(settings=WITH_ACTING) as sandbox:
        sandbox.start_bot()
        _show_commands(sandbox)
        _show_digest(sandbox)
        _show_nudges(sandbox)
        _show_answers(sandbox)
        _show_refusal(sandbox)
        _show_next_morning(sandbox)
        _show_acting(sandbox)
    _print_heading(f"Everything is stopped, after {time.monotonic() - started_at:.0f} s")
    print("To use it yourself, in a browser: make sandbox, and open the address that it prints.")


def _show_commands(sandbox: Sandbox) -> None:
    answer = _run_command(sandbox, "bill", "/bailiff report", fixtures.DIGEST_CHANNEL)
    _print_heading("Billie presses “Share in channel”: now everybody in the channel sees it")
    sandbox.slack.driver.user("bill").click(answer, "Share in channel")
    ada = sandbox.slack.driver.user("ada")
    shared = sandbox.slack.driver.wait_for(
        lambda: _latest_public_message(ada.visible_messages(fixtures.DIGEST_CHANNEL)), _TIMEOUT_SECONDS
    )
    print(render_text(shared).splitlines()[0] + "\n    ...")
    _run_command(sandbox, "ada", "/bailiff mine", "general")
    _run_command(sandbox, "hector", "/bailiff mine", "general")
    _run_command(sandbox, "ada", "/bailiff repotr", "general")


def _show_digest(sandbox: Sandbox) -> None:
    billie = sandbox.slack.driver.user("bill")
    before = len(billie.visible_messages(fixtures.DIGEST_CHANNEL))
    _print_heading(f"The digest is due, in #{fixtures.DIGEST_CHANNEL}: `bailiff digest`")
    result = sandbox.run_cli("digest")
    print(f"    {result.stdout}{result.stderr}".replace("\n", "\n    ").rstrip(), f"(exit code {result.returncode})\n")
    parent = billie.visible_messages(fixtures.DIGEST_CHANNEL)[before]
    print(render_text(parent))
    for message in billie.visible_messages(fixtures.DIGEST_CHANNEL, thread=parent)[1:]:
        print(f"\n    --- in its thread ---\n{render_text(message)}")


def _show_nudges(sandbox: Sandbox) -> None:
    for member in fixtures.USERS:
        if member.deactivated or member.external:
            continue
        for message in sandbox.slack.driver.user(member.name).visible_messages("bailiff"):
            _print_heading(f"A direct message to {member.real_name}")
            print(render_text(message))


def _show_answers(sandbox: Sandbox) -> None:
    _print_heading("Ada clicks Keep beside agr-gpu-training, and gets a form")
    _answer(sandbox, "ada", "Keep", "agr-gpu-training", {"Or in your own words": "training for the fair"}, "keeps")
    _print_heading("Ada clicks Not mine beside “agr surf”")
    _answer(sandbox, "ada", "Not mine", "agr surf", {"Whose is it, if you know?": "ask Albert"}, "is not theirs")
    _print_heading("Her message now says what she did")
    print(render_text(_wait_for_message(sandbox, "ada", "bailiff", "says that agr surf")))
    _run_command(sandbox, "ada", "/bailiff exemptions AGR", "general")
    _run_command(sandbox, "ada", "/bailiff why agr-gpu-training", "general")


def _answer(sandbox: Sandbox, user: str, button: str, name: str, values: dict[str, str], done: str) -> None:  # noqa: PLR0913, PLR0917 - who answers what
    """Click a button beside one of a user's instances, print the form, submit it, and print what came of it."""
    form = _click(sandbox, user, button, name, name)
    sandbox.slack.driver.user(user).submit_modal(form, values)
    print("\n" + render_view(_wait_for_modal(sandbox, user, done)))


def _click(sandbox: Sandbox, user: str, button: str, name: str, text: str) -> RenderedView:
    """Click a button beside one of a user's instances. Returns the modal once it says a text, and prints it."""
    driver = sandbox.slack.driver.user(user)
    message = next(one for one in driver.visible_messages("bailiff") if not one.is_ephemeral)
    driver.click(message, button, near=name)
    modal = _wait_for_modal(sandbox, user, text)
    print(render_view(modal))
    return modal


def _wait_for_modal(sandbox: Sandbox, user: str, text: str) -> RenderedView:
    """Return a user's modal, once it says a text."""

    def found() -> RenderedView | None:
        modal = sandbox.slack.driver.user(user).modal()
        return modal if modal and text in modal.visible_text else None

    return sandbox.slack.driver.wait_for(found, _TIMEOUT_SECONDS)


def _wait_for_message(sandbox: Sandbox, name: str, channel: str, text: str) -> RenderedMessage:
    """Return the latest message in a user's channel that says a text."""
    user = sandbox.slack.driver.user(name)
    return sandbox.slack.driver.wait_for(
        lambda: next((one for one in reversed(user.visible_messages(channel)) if text in one.visible_text), None),
        _NEXT_TICK_SECONDS,
    )


def _show_refusal(sandbox: Sandbox) -> None:
    _print_heading("Hector clicks Stop beside hro-master-1, and is refused: he must have been its owner for a day")
    _click(sandbox, "hector", "Stop", "hro-master-1", "Scans must have shown")


def _show_acting(sandbox: Sandbox) -> None:
    _print_heading("Hector has been the owner for a day now, and clicks Stop again")
    _answer(sandbox, "hector", "Stop", "hro-master-1", {}, "is stopping")
    _wait_for_message(sandbox, "hector", "bailiff", "stopped hro-master-1")
    _print_heading("He clicks Delete beside hro-retired, and types its name: it is deleted a day later")
    typed = {"Type hro-retired or i-d601eba271c9bbdba": "hro-retired"}
    _answer(sandbox, "hector", "Delete", "hro-retired", typed, "asked to delete")
    _print_heading("His message says both: a stop can be undone for ten minutes, a deletion cancelled for a day")
    print(render_text(_wait_for_message(sandbox, "hector", "bailiff", "asked to delete")))
    _print_heading(f"#{fixtures.TRIAGE_CHANNEL} is told of the deletion, too")
    print(render_text(_wait_for_message(sandbox, "bill", fixtures.TRIAGE_CHANNEL, "asked to delete")))
    _run_command(sandbox, "bill", "/bailiff brake", "general")
    _print_heading("A day later nobody has cancelled it, and all is checked again; his message says what came of it")
    sandbox.advance_time(timedelta(days=1, minutes=1))
    print(render_text(_wait_for_message(sandbox, "hector", "bailiff", "deleted hro-retired")))


def _show_next_morning(sandbox: Sandbox) -> None:
    _print_heading("In AWS, Ada deletes agr-1e3 and stops agr-<!channel>; a day passes, and the digest is due again")
    by_name = {instance.name: instance.id for instance in sandbox.aws.instances()}
    sandbox.aws.delete(by_name["agr-1e3"])
    sandbox.aws.stop(by_name["agr-<!channel>"])
    sandbox.advance_time(timedelta(days=1))
    sandbox.run_cli("digest")
    print(render_text(sandbox.slack.driver.user("bill").visible_messages(fixtures.DIGEST_CHANNEL)[-1]))
    _print_heading(f"In #{fixtures.TRIAGE_CHANNEL}, where an administrator can assign what nobody owns")
    print(render_text(_wait_for_message(sandbox, "bill", fixtures.TRIAGE_CHANNEL, "agr surf")))
    _print_heading("Nobody gets a second message, because nothing is new; Ada's message is updated")
    print(render_text(sandbox.slack.driver.user("ada").visible_messages("bailiff")[-1]))


def _run_command(sandbox: Sandbox, name: str, command: str, channel: str) -> RenderedMessage:
    _print_heading(f"{_REAL_NAMES[name]} types {command} in #{channel}, and alone sees")
    user = sandbox.slack.driver.user(name)
    before = len(user.visible_messages(channel))
    user.run_command(command, channel=channel)
    response = sandbox.slack.driver.wait_for(
        lambda: _final_response(user.visible_messages(channel)[before:]), _TIMEOUT_SECONDS
    )
    print(render_text(response))
    return response


def _final_response(messages: list[RenderedMessage]) -> RenderedMessage | None:
    """Return the latest message that is not the interim message of a first scan."""
    return next((message for message in reversed(messages) if "first time" not in message.text), None)


def _latest_public_message(messages: list[RenderedMessage]) -> RenderedMessage | None:
    return next((message for message in reversed(messages) if not message.is_ephemeral), None)


def _print_heading(text: str) -> None:
    print(f"\n=== {text}\n", flush=True)


if __name__ == "__main__":
    main()
