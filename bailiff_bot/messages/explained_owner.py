"""The steps that lead to the owners of an instance, as lines."""

from collections.abc import Iterator
from datetime import tzinfo

from bailiff_bot.domain.identity import Candidate
from bailiff_bot.domain.owner import NO_OWNER_LABEL, NoOwner, Owner
from bailiff_bot.domain.owner_chain import OwnerChain, OwnerTag
from bailiff_bot.messages.document import Bold, Line
from bailiff_bot.messages.formatting import instant, visible
from bailiff_bot.messages.ownership import assignment_line, disclaimer_line


def owner_lines(chain: OwnerChain, zone: tzinfo) -> Iterator[Line]:
    """Yield what people said, the name, the directory, the owner tags and the Slack users, each with what is there.

    Then yield who acts for an owner.
    """
    identity = chain.identity
    if identity.assignment:
        yield Bold("Assigned"), f": {assignment_line(identity.assignment, zone)}"
    for disclaimer in identity.disclaimers:
        yield Bold("Not mine"), f": {disclaimer_line(disclaimer, zone)}"
    yield Bold("Identifier in the name"), f": {_identifier(chain)}"
    if chain.identity.identifier_status:
        yield Bold("Directory"), f": {chain.identity.identifier}, {chain.identity.identifier_status.value}"
    for tag in chain.tags:
        yield Bold(f"Tag {visible(tag.key)}"), f": “{visible(tag.value)}” {_effect(tag, chain)}"
    if not chain.tags:
        yield Bold("Owner tags"), f": none of {', '.join(map(visible, chain.wanted_tags)) or 'no tag'}"
    for candidate, user in chain.users:
        yield Bold(visible(candidate.key)), f": {_user(candidate, user)}"
    if not chain.users:
        nobody = "who is named said that it is not theirs" if identity.disclaimers else _NOBODY
        yield Bold(NO_OWNER_LABEL), f": {nobody}"
    for one in chain.delegations:
        yield Bold(visible(one.delegate_name)), f": acts for {visible(one.owner_name)} until {instant(one.until, zone)}"


_NOBODY = "neither the name nor an owner tag names anybody"


def _identifier(chain: OwnerChain) -> str:
    identity = chain.identity
    if identity.identifier:
        return f"{identity.identifier}{'' if identity.named_owner else '; not used, because of what people said'}"
    if chain.machine_word:
        return f"none; {chain.machine_word} means a machine (BAILIFF_NOT_IDENTIFIERS)"
    return "none; a name starts with one if its first 3 or 4 letters stand alone, as in agr-web"


def _effect(tag: OwnerTag, chain: OwnerChain) -> str:
    named = f"names {', '.join(map(visible, tag.owners))}" if tag.owners else "names nobody"
    if not chain.tags_count:
        first = "the assigned owner" if chain.identity.assignment else "the identifier in the name"
        return f"{named}; not used, because {first} counts first"
    return f"{named}; this tag counts" if tag.key.strip() == chain.identity.tag else f"{named}; not used"


def _user(candidate: Candidate, user: Owner | NoOwner) -> str:
    address = f" ({visible(candidate.address)})" if candidate.address else ""
    if isinstance(user, Owner):
        return f"{visible(user.name)} in Slack{address}"
    return f"nobody in Slack{address}: {user.reason}"
