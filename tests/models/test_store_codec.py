"""Sealed lines: they come back as they were, and only in their own place, under their own key, unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from models.errors import WrongKey
from models.store.codec import PlainCodec, SealedCodec, stuffed, unstuffed

KEYS = st.binary(min_size=32, max_size=32)
FILES = st.binary(min_size=16, max_size=16)
PLACES = st.integers(min_value=0, max_value=2**63)
TEXTS = st.binary(max_size=3000)


@given(KEYS, FILES, PLACES, TEXTS)
def test_a_sealed_line_comes_back_as_it_was(key: bytes, file: bytes, place: int, text: bytes) -> None:
    payload = SealedCodec(key).seal(file, place, text)

    assert SealedCodec(key).open(file, place, payload) == text
    assert b"\n" not in payload
    assert not payload.startswith(b" ")


@given(st.binary(max_size=2000) | st.text("\n\v:", max_size=200).map(str.encode))
def test_any_bytes_come_back_from_a_line_without_its_end_mark(content: bytes) -> None:
    line = stuffed(content)

    assert unstuffed(line) == content
    assert b"\n" not in line


def test_a_plain_line_stays_as_it_is() -> None:
    codec = PlainCodec()

    assert codec.open(b"file", 7, codec.seal(b"file", 7, b"[1]")) == b"[1]"


@given(TEXTS, st.data())
def test_a_line_opens_with_no_other_key_in_no_other_file_and_no_other_place(text: bytes, data: st.DataObject) -> None:
    key, other = data.draw(st.tuples(KEYS, KEYS).filter(lambda two: two[0] != two[1]))
    file, foreign = data.draw(st.tuples(FILES, FILES).filter(lambda two: two[0] != two[1]))
    payload = SealedCodec(key).seal(file, 100, text)

    for codec, where, place in (
        (SealedCodec(other), file, 100),
        (SealedCodec(key), foreign, 100),
        (SealedCodec(key), file, 101),
    ):
        with pytest.raises(WrongKey, match="Der Schlüssel passt nicht"):
            codec.open(where, place, payload)


@given(TEXTS, st.data())
def test_a_changed_line_never_opens_as_another_text(text: bytes, data: st.DataObject) -> None:
    codec = SealedCodec(bytes(32))
    payload = bytearray(codec.seal(bytes(16), 0, text))
    place = data.draw(st.integers(0, 10**6)) % len(payload)
    payload[place] ^= data.draw(st.integers(1, 255))

    try:
        opened = codec.open(bytes(16), 0, bytes(payload))
    except WrongKey:
        return
    # What stands in the place of an LF has no meaning.
    assert opened == text


@given(TEXTS)
def test_what_was_never_sealed_is_told_as_a_wrong_key(text: bytes) -> None:
    with pytest.raises(WrongKey):
        SealedCodec(bytes(32)).open(bytes(16), 0, text)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    codec = SealedCodec(bytes(32))

    assert codec.seal(bytes(16), 0, b"[1]") != codec.seal(bytes(16), 0, b"[1]")


def test_two_files_in_turn_keep_their_own_keys() -> None:
    codec = SealedCodec(bytes(32))
    first, second = codec.seal(b"1" * 16, 0, b"one"), codec.seal(b"2" * 16, 0, b"two")

    assert codec.open(b"1" * 16, 0, first) == b"one"
    assert codec.open(b"2" * 16, 0, second) == b"two"
    assert codec.open(b"1" * 16, 0, first) == b"one"
