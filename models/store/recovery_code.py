"""The recovery code: 31 random signs and a check sign, in eight groups of four, to be written on paper. Pure."""

from __future__ import annotations

import secrets

from models.errors import WrongKey
from models.i18n import _

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and capitals without those that are read as one another: 0 and O, 1, I and L."""

LENGTH = 32
GROUP = 4

_BASE = len(ALPHABET)  # 31 is a prime: modulo it, every wrong sign and every swap of neighbours changes the sum
_ROOT = 3  # its powers run through all numbers from 1 to 30, so that neighbours never weigh the same


def new_code() -> str:
    """Return a new code (153 bits) in its groups: "ABCD-EFGH-…"."""
    signs = "".join(secrets.choice(ALPHABET) for _number in range(LENGTH - 1))
    return grouped(signs + next(last for last in ALPHABET if _sum(signs + last) == 0))


def grouped(signs: str) -> str:
    """Return signs in groups of four."""
    return "-".join(signs[start : start + GROUP] for start in range(0, len(signs), GROUP))


def first_group(code: str) -> str:
    """Return the group by which a person shows that the code was written down."""
    return code[:GROUP]


def read_code(typed: str) -> str:
    """Return the signs of a code as it was typed, in any case, with blanks and hyphens or without.

    Raises `WrongKey` with what is wrong where it cannot be a code: a sign, the length, or the check sign.
    """
    signs = "".join(typed.upper().split()).translate(_HYPHENS)
    for place, sign in enumerate(signs):
        if sign not in ALPHABET:
            raise WrongKey(
                _(
                    "Das Zeichen „{sign}“ in Gruppe {group} kommt in keinem Wiederherstellungscode vor; 0, 1, I, L und O "
                    "gibt es darin nicht. Bitte mit dem Blatt vergleichen."
                ).format(sign=sign, group=place // GROUP + 1)
            )
    if len(signs) != LENGTH:
        raise WrongKey(
            _(
                "Ein Wiederherstellungscode hat {wanted} Zeichen, dies sind {found}. Bitte mit dem Blatt vergleichen."
            ).format(wanted=LENGTH, found=len(signs))
        )
    if _sum(signs) != 0:
        raise WrongKey(
            _("In diesem Code ist ein Tippfehler, das Prüfzeichen passt nicht. Bitte mit dem Blatt vergleichen.")
        )
    return signs


def _sum(signs: str) -> int:
    return sum(pow(_ROOT, place, _BASE) * ALPHABET.index(sign) for place, sign in enumerate(signs)) % _BASE


_HYPHENS = {ord(hyphen): None for hyphen in "-‐‑–—_.:"}  # what keyboards and word processors make of it
