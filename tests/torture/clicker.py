"""Carries out planned clicks of one person, and waits for the answer to each."""

import re
import time
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from bailiff_bot.messages.delete_modal import CONFIRMATION
from bailiff_bot.sandbox.slack import InteractionError, InteractionResult, RenderedMessage, RenderedView
from tests.torture import fixtures
from tests.torture.click_plan import PEOPLE, PlannedClick
from tests.torture.clickable import OPENS_FORM, Clickable, Surface, clickables
from tests.torture.person import Person
from tests.torture.processes import TimedOut, wait_until
from tests.torture.scenario import WAIT_LIMIT

_ATTEMPTS = 8
_LOST_AFTER = 8.0
"""Seconds after which the answer of a bot that was killed does not come any more."""
_RESTART_SECONDS = 5.0
"""Seconds around a restart in which an envelope may meet a connection that just ends."""

Payload = dict[str, Any]
_OWNER = "owner"
"""The field of *Assign to...* for a person."""
_INSTANCE_ID = re.compile(r"\bi-[0-9a-f]{17}\b")
_COMMANDS = {"answer": "/bailiff mine", "exemptions": "/bailiff exemptions"}


@dataclass(slots=True)
class Shared:
    """What all clickers of a scenario know and count."""

    keys: list[tuple[str, str]] = field(default_factory=list)
    """The action and the key of every button that anybody saw."""
    restarts: list[float] = field(default_factory=list)
    """When a bot was killed or stopped, in seconds of the monotonic clock."""
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Clicker:
    """A person who does one thing at a time."""

    person: Person
    shared: Shared
    lock: Lock = field(default_factory=Lock)
    own_keys: list[tuple[str, str]] = field(default_factory=list)
    requests: list[Payload] = field(default_factory=list)

    def carry_out(self, click: PlannedClick, number: int) -> None:
        """Do a planned click, and record a failure if it is not answered."""
        with self.lock:
            try:
                self._carry_out(click)
            except InteractionError:  # another click rendered it again before this one
                self.shared.counts["rendered again before the click"] += 1
            except AssertionError as error:
                self.shared.failures.append(f"click {number} ({click}): {error}")

    def _carry_out(self, click: PlannedClick) -> None:
        self.person.dismiss()
        if click.key == "replayed" and self.requests:
            self._replay(self.requests[int(click.button * len(self.requests))])
            return
        surface = self._surface(click) or self._message()
        buttons = list(clickables(surface)) if surface else []
        if surface is None or not buttons:
            self.shared.counts["nothing to click"] += 1
            return
        self._remember(buttons)
        self._click(surface, buttons[int(click.button * len(buttons))], click)

    def _surface(self, click: PlannedClick) -> Surface | None:
        """Return what is clicked, after it was asked for."""
        driver = self.person.driver
        seen = self._seen()
        if click.where == "home":
            self._expect_answer(driver.open_home(), driver.home)
            home = driver.home()
            return home if home and list(clickables(home)) else None
        if command := _COMMANDS.get(click.where):
            self._expect_answer(driver.run_command(command), lambda: self._seen() - seen)
            return _last_with_buttons(self.person.answers())
        if click.where == "triage":
            return _last_with_buttons(driver.visible_messages(fixtures.CHANNEL.name)[1:])
        return self._message(click.other)

    def _message(self, which: float = 1.0) -> RenderedMessage | None:
        """Return a direct message with buttons. `which` chooses, from 0 to 1: half of the numbers mean the digest's."""
        messages = [one for one in self.person.messages() if list(clickables(one))]
        return messages[int(max(which - 0.5, 0) * 2 * (len(messages) - 1))] if messages else None

    def _click(self, surface: Surface, button: Clickable, click: PlannedClick) -> None:
        forged, opens_form = button.forged(self._key(button, click)), OPENS_FORM[button.action]
        self.shared.counts[button.action.removeprefix("bailiff_")] += 1
        for _ in range(_ATTEMPTS):
            wait_until(self.person.scenario.driver.connections, WAIT_LIMIT, "a connection")
            seen = self._seen()
            result = self.person.driver.click(
                surface, button.element, option=button.option, block_id=button.block_id, forged=forged
            )
            self.requests.append(result.request)
            answered = self._expect_answer(result, lambda s=seen, f=opens_form: self._is_answered(s, form=f))
            if answered:
                self._fill_in(click)
                return
            self.person.dismiss()
            self.shared.counts["clicked again after a kill"] += 1
            if not self._still_there(surface):
                return
        raise TimedOut(f"{_ATTEMPTS} clicks in a row met a bot that was restarted")

    def _still_there(self, surface: Surface) -> bool:
        """Return False if what was clicked was replaced meanwhile: that is the answer."""
        if isinstance(surface, RenderedView):
            home = self.person.driver.home()
            return home is not None and home.id == surface.id and home.blocks == surface.blocks
        shown = (*self.person.driver.visible_messages(), *self.person.driver.visible_messages(fixtures.CHANNEL.name))
        return any(one.ts == surface.ts and one.blocks == surface.blocks for one in shown)

    def _key(self, button: Clickable, click: PlannedClick) -> str:
        """Return the key that the app gets."""
        pools = {"earlier": self.own_keys, "stolen": self.shared.keys}
        pool = [key for action, key in pools.get(click.key, []) if action == button.action]
        if pool:
            return pool[int(click.other * len(pool))]
        return f"forged {click.other}" if click.key == "forged" else button.key

    def _replay(self, request: Payload) -> None:
        self.shared.counts["replayed"] += 1
        seen = self._seen()
        result = self.person.scenario.driver.send_payload(request)
        if not self._answered_in_field(result):
            self._expect_answer(result, lambda: self._seen() - seen)

    def _answered_in_field(self, result: InteractionResult) -> bool:
        answered = result.payload.get("response_action") == "errors"
        self.shared.counts["answered in a field"] += answered
        return answered

    def _fill_in(self, click: PlannedClick) -> None:
        """Do with the form, if one opened, what is planned."""
        form = self.person.answer()
        if form is None or "submit" not in form.content:
            return
        self.shared.counts["forms"] += 1
        if click.form == "close":
            self.person.dismiss()
            return
        seen = self._seen()
        sent = self.person.driver.submit_modal(form, _typed(click, form), forged=_forged(click, form))
        self.requests.append(_valid(sent.request, form))
        if self._answered_in_field(sent):
            return
        if click.form == "send twice":
            self.person.scenario.driver.send_payload(sent.request)
        self._expect_answer(sent, lambda: self._is_answered(seen, form=True))

    def _expect_answer(self, result: InteractionResult, answered: Any) -> bool:
        """Wait for the answer. Returns False if a bot was killed meanwhile, and it did not come. Raises TimedOut."""
        sent = time.monotonic() - result.seconds
        if not result.acknowledged:
            assert self._restarted_since(sent - _RESTART_SECONDS), f"not acknowledged: {result.error}"
            self.shared.counts["not acknowledged, as Slack said"] += 1
            return False

        def known() -> bool:
            lost = [at for at in self.shared.restarts if at >= sent - _RESTART_SECONDS]
            return bool(answered()) or (bool(lost) and time.monotonic() > max(*lost, sent) + _LOST_AFTER)

        wait_until(known, WAIT_LIMIT, f"an answer to {self.person.name} for {_what(result.request)}")
        return bool(answered())

    def _restarted_since(self, moment: float) -> bool:
        return any(at >= moment for at in self.shared.restarts)

    def _is_answered(self, seen: set[str], *, form: bool) -> bool:
        """Return whether the person was told something: in a modal, privately, or (without a form) by the message."""
        told = self._seen() - seen
        return any(one.startswith(("modal", "new")) or not form for one in told)

    def _seen(self) -> set[str]:
        """Return all that this person sees that may be an answer."""
        driver = self.person.driver
        in_channel = driver.visible_messages(fixtures.CHANNEL.name)
        messages = [*driver.visible_messages(), *(one for one in in_channel if one.is_ephemeral)]
        modal, home = self.person.answer(), driver.home()
        return {
            *(f"new {one.ts}" for one in messages),
            *(f"message {one.ts} {hash(str(one.blocks))}" for one in messages),
            *([f"modal {modal.content['hash']}"] if modal else []),
            *([f"home {home.content['hash']}"] if home else []),
        }

    def _remember(self, buttons: list[Clickable]) -> None:
        keys = [(one.action, one.key) for one in buttons]
        self.own_keys += keys
        self.shared.keys += keys


def _last_with_buttons(messages: list[RenderedMessage]) -> RenderedMessage | None:
    return next((one for one in reversed(messages) if list(clickables(one))), None)


def _what(request: Payload) -> str:
    """Return what was asked, for a failure."""
    actions = [f"{one['action_id']} {one.get('value')}" for one in request.get("actions", [])]
    return " ".join([str(request.get("type") or request.get("command")), *actions])


def _typed(click: PlannedClick, form: RenderedView) -> Payload:
    """Return what is typed: the id that confirms, any person as an owner, a day in the past or nobody if planned."""
    if CONFIRMATION in form.values and click.form != "past":
        return {CONFIRMATION: _INSTANCE_ID.findall(form.visible_text)[0]}
    if _OWNER in form.values and click.form != "past":
        return {_OWNER: PEOPLE[int(click.other * len(PEOPLE))]}
    return {"until": "2020-01-01"} if click.form == "past" and "until" in form.values else {}


def _forged(click: PlannedClick, form: RenderedView) -> Payload:
    """Return a text that is longer than Slack's clients allow, for the field for own words."""
    if click.form != "long":
        return {}
    fields = (name for name in ("words", "hint", "name") if name in form.values)
    return {name: {name: {"type": "plain_text_input", "value": "x" * 2_000}} for name in fields}


def _valid(request: Payload, form: RenderedView) -> Payload:
    """Return a submission with what the form had at first, so that a replay of it can be accepted."""
    valid = deepcopy(request)
    typed = {name: one for name, one in valid["view"]["state"]["values"].items() if name in {_OWNER, CONFIRMATION}}
    valid["view"]["state"]["values"] = {**deepcopy(form.values), **typed}
    return valid
