"""Finds the columns of a people file by their names in the header, in English or in another language of the teams."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bailiff_bot.errors import DirectoryError

_IDENTIFIER = "trigram"
_OTHER_IDENTIFIERS = frozenset(
    {"trigramme", "quadrigram", "quadrigramme", "trigramorquadrigram", "trigrammeouquadrigramme"}
    | {"trigramquadrigram", "trigrammequadrigramme", "identifier", "identifiant", "kurzel", "krzel", "kuerzel"}
    | {"trigrams", "trigrammes", "quadrigrams", "quadrigrammes", "codetrigramme", "trigrammelettres", "trigrama"}
)
_ADDRESS = "email"
# Accented letters are there as "e" and left out, as `_name` returns them for the two ways to write them.
_OTHER_ADDRESSES = frozenset(
    {"mail", "emailaddress", "mailaddress", "workemail", "businessemail", "professionalemail", "companyemail"}
    | {"adressemail", "adresseemail", "adressedemail", "emailpro", "mailpro", "emailprofessionnel", "courriel"}
    | {"adresseelectronique", "adresselectronique", "adressecourriel", "mailadresse", "emailadresse"}
    | {"correo", "correoelectronico", "correoelectrnico", "emails", "primaryemail", "corporateemail"}
    | {"emailaddressrequired", "mel", "ml", "adressemel", "adresseml", "adressedemessagerie", "messagerie"}
    | {"adressedecourriel", "courrielprofessionnel", "mailprofessionnel", "adressemailprofessionnelle"}
    | {"adresseemailprofessionnelle"}
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The numbers of the two columns that count, from 0."""

    identifier: int
    address: int
    width: int
    """The number of columns of the header."""


def find_columns(header: Sequence[str]) -> Columns | None:
    """Return the columns of a header; None if one of them is missing.

    `trigram` and `email` are preferred to other names. Raises DirectoryError if two columns could be the same thing.
    """
    identifier = _find(header, _IDENTIFIER, _OTHER_IDENTIFIERS)
    address = _find(header, _ADDRESS, _OTHER_ADDRESSES)
    return None if identifier is None or address is None else Columns(identifier, address, len(header))


def _find(header: Sequence[str], name: str, other_names: frozenset[str]) -> int | None:
    names = [_name(cell) for cell in header]
    found = [number for number, cell in enumerate(names) if cell == name]
    found = found or [number for number, cell in enumerate(names) if cell in other_names]
    if len(found) > 1:
        titles = " and ".join(f"`{header[number].strip()}`" for number in found)
        raise DirectoryError(f"{titles} could both be the column `{name}`; rename one of them")
    return found[0] if found else None


def _name(cell: str) -> str:
    """Return the ASCII letters of a header's cell, in lower case.

    Other letters are left out: an accented one may have been decoded wrongly.
    """
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFC", cell).casefold())
