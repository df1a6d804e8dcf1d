"""Secrets that travel: a code survives how people type it, and nothing else opens what it opens."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given, strategies as st

from sync.server.tokens import ALPHABET, code_mac, new_code, new_token, plain_code, token_mac

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = b"a secret of the tests' own, 32 by"
randomness = st.binary(min_size=12, max_size=12)


def random_of(told: bytes) -> Callable[[int], bytes]:
    """Return a source of randomness that gives what is told."""
    return lambda count: told[:count]


@given(randomness)
def test_a_code_is_three_groups_of_four_that_nobody_misreads(random: bytes) -> None:
    groups = new_code(random_of(random)).split("-")
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set(ALPHABET)
    assert not set("ILOU") & set("".join(groups))


def test_every_letter_of_a_code_is_as_likely_as_any_other() -> None:
    counted = Counter(new_code(random_of(bytes([value] * 12)))[0] for value in range(256))
    assert counted == dict.fromkeys(ALPHABET, 8)
    assert len(ALPHABET) == 32


@given(randomness, st.data())
def test_however_a_code_is_typed_it_is_the_same(random: bytes, data: st.DataObject) -> None:
    code = new_code(random_of(random))
    look_alikes = {"0": "0oO", "1": "1iIlL", "-": ["", "-", " ", " - "]}
    typed = "".join(data.draw(st.sampled_from(look_alikes.get(sign, sign + sign.lower()))) for sign in code)
    assert code_mac(SECRET, f" {typed}\n") == code_mac(SECRET, code)


@given(st.text())
def test_what_was_never_given_out_is_no_code(typed: str) -> None:
    plain = plain_code(typed)
    assert plain == "" or (len(plain) == 12 and set(plain) <= set(ALPHABET))


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_tokens_never_look_alike_to_the_server(one: str, other: str) -> None:
    assert (token_mac(SECRET, one) == token_mac(SECRET, other)) == (one == other)
    assert token_mac(SECRET, one) != token_mac(b"another secret", one)


def test_a_code_is_no_token() -> None:
    code = new_code()
    assert code_mac(SECRET, code) != token_mac(SECRET, plain_code(code))


def test_a_token_holds_all_its_random_bits() -> None:
    tokens = {new_token(random_of(bytes(place == here for here in range(32)))) for place in range(32)}
    assert len(tokens) == 32
