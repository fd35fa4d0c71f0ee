"""Why an action is not done, and what to do instead: one sentence each."""

from collections.abc import Mapping

from bailiff_bot.domain.action import Action, Refusal
from bailiff_bot.messages.aws_refusals import NO_FACTS, RefusalFacts, aws_refusal

_SENTENCES: Mapping[Refusal, str] = {
    Refusal.NOT_A_MEMBER: "Only full members of this workspace can do this: ask a colleague who is one.",
    Refusal.CANNOT_CHECK_YOU: (
        "Slack or the people directory did not say whether it is yours, so nothing was done: try again in a minute."
    ),
    Refusal.DONE_ALREADY: "This was done before: type /bailiff mine to see what counts now.",
    Refusal.CANCELLED: "Somebody cancelled the deletion: talk to the other owners, or ask for it again.",
    Refusal.NOT_ENABLED: "Your team does not let Bailiff do this: use the AWS console, or ask an administrator.",
    Refusal.UNREAD: "AWS did not show the instance just now, so nothing was done: try again in a minute.",
    Refusal.GONE: "It does not exist any more, so there is nothing to do.",
    Refusal.NOT_YOURS: "It is not yours, so nothing was done: ask {owners}.",
    Refusal.OWNER_TOO_NEW: "You have been its owner for less than a day: try again tomorrow, or ask an administrator.",
    Refusal.COMPLIANT: "It breaks no rule any more, so there is nothing to do.",
    Refusal.NOT_ABANDONED: "Only an instance that was stopped for long can be deleted here: use the AWS console.",
    Refusal.MANAGED: "Its controller would replace it: scale the controller down instead.",
    Refusal.EXEMPT: "Somebody keeps it: ask them to end that first; /bailiff why names them.",
    Refusal.BUSY: "It is starting or stopping just now: try again in a minute.",
    Refusal.WRONG_STATE: "It is in another state now: type /bailiff mine to see it as it is.",
    Refusal.NOT_STOPPABLE: "AWS cannot stop this kind of instance: delete it in the AWS console if nobody needs it.",
    Refusal.SPOT_REQUEST: "Its spot request would start another one: cancel the request in the AWS console first.",
    Refusal.PROTECTED: "It is protected in AWS: take the protection off in the AWS console first.",
    Refusal.NO_IMAGE: "The image of it failed, so it was not deleted: make an image in the AWS console first.",
    Refusal.TOO_LATE: "It can be undone for ten minutes only: do it by hand, or ask an administrator.",
    Refusal.BRAKE: "Bailiff has done enough in AWS for now: try again tomorrow, or ask an administrator.",
    Refusal.INPUT: "What was typed is not acceptable: choose a day that is allowed, and say why.",
}

_OF_ACTION: Mapping[tuple[Action, Refusal], str] = {
    (Action.ASSIGN, Refusal.DONE_ALREADY): (
        "It is decided already, or its name or owner tags have changed: the message in the triage channel says how."
    ),
    (Action.END, Refusal.DONE_ALREADY): "The exemption is over already, so there is nothing to end.",
    (Action.END, Refusal.NOT_YOURS): "Only who granted the exemption can end it, or {owners}.",
    (Action.UNDO, Refusal.WRONG_STATE): "It is not stopped, so there is nothing to undo.",
    (
        Action.CANCEL,
        Refusal.DONE_ALREADY,
    ): "It is being deleted just now, or that is over: it cannot be cancelled any more.",
    (Action.ASSIGN, Refusal.NOT_YOURS): "Only an administrator of Bailiff assigns owners: ask one of them.",
}
"""Where the sentence for any action would be wrong."""

UNKNOWN_BUTTON = "This button is too old, or not one of Bailiff's: type /bailiff mine for your current list."


def refusal_sentence(action: Action, reason: Refusal | None, owners: str, facts: RefusalFacts = NO_FACTS) -> str:
    """Return why nothing was done; None stands for a button that Bailiff does not know.

    `owners` are those who may do it: identifiers or addresses, or empty. `facts` are what an action in AWS says more.
    """
    if reason is None:
        return UNKNOWN_BUTTON
    if text := aws_refusal(action, reason, facts):
        return text
    text = _OF_ACTION.get((action, reason), _SENTENCES[reason])
    return text.format(owners=f"its owner ({owners}), or an administrator" if owners else "an administrator of Bailiff")
