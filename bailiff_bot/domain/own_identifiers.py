"""The identifiers with which a person may begin the name of an instance."""

from bailiff_bot.domain.identity import Identity, People


def own_identifiers(address: str, people: People, identity: Identity) -> frozenset[str]:
    """Return the identifiers of the person with an e-mail address, in upper case.

    They are those that the directory gives to this person alone. Without a directory they are those under which the
    person owns the instance of `identity`: nothing else joins an identifier to an address then.
    """
    known = frozenset(one for one in people.identifiers_of(address) if people.address_of(one))
    return known if people.consulted else known | _owning(address.casefold(), identity)


def _owning(address: str, identity: Identity) -> frozenset[str]:
    owners = (one for one in identity.candidates if one.is_owner and one.address == address)
    return frozenset(one.key for one in owners if "@" not in one.key)
