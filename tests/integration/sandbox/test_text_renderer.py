"""Messages and modals as text."""

from slack_sdk import WebClient

from bailiff_bot.sandbox.slack import SlackSandbox
from bailiff_bot.sandbox.text_renderer import render_text, render_view
from tests.acceptance import block_examples
from tests.integration.sandbox.recording_app import only
from tests.integration.sandbox.slack_scenario import CHANNEL, SlackScenario

MESSAGE = """\
[ Keep ]  [ Stop ]  [ Documentation ↗ ]  [ For how long ▾ ]  [ ⋯ Snooze | Exempt ]  [ Whose ▾ ]  [ 2026-01-31 ▾ ]
[ Keep the other ]"""
MODAL = """\
=== Keep an instance ===
Why is *agr-gpu-training* still needed?
Reason:
  [a demo]
  (Everybody sees it)
Until (optional):
  []
Whose:
  [Ours]
And (optional):
  [x] Remind
  [ ] Tell
[ Cancel ]  [ Keep it ]"""


def test_a_message_is_drawn_with_its_elements(web: WebClient, slack: SlackSandbox) -> None:
    web.chat_postMessage(channel=CHANNEL, text="Choose", blocks=block_examples.ACTIONS)
    message = only(slack.driver.user("ada").visible_messages("cloud-costs"))
    assert render_text(message, indent="") == MESSAGE


def test_a_modal_is_drawn_with_what_was_filled_in(web: WebClient, slack: SlackSandbox, clock: object) -> None:
    trigger = SlackScenario(slack, web, clock).trigger()
    web.views_open(trigger_id=trigger, view=block_examples.MODAL)
    ada = slack.driver.user("ada")
    modal = ada.modal()
    assert modal is not None
    ada.fill_in(modal, {"Reason": "a demo", "whose": "Ours", "flags": ["remind"]})
    filled = ada.modal()
    assert filled is not None
    assert render_view(filled, indent="") == MODAL
