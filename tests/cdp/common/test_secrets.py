"""Secrets at rest: only the keys open them, and a key can be replaced."""

import pytest

from cdp.common.secrets import SecretLost, seal, unseal


def test_what_is_sealed_is_opened_and_does_not_show() -> None:
    sealed = seal("s3cret", keys=["one"])
    assert b"s3cret" not in sealed
    assert unseal(sealed, keys=["one"]) == "s3cret"
    assert seal("s3cret", keys=["one"]) != sealed


def test_a_key_is_replaced() -> None:
    old = seal("s3cret", keys=["one"])
    assert unseal(old, keys=["two", "one"]) == "s3cret"
    assert unseal(seal("s3cret", keys=["two", "one"]), keys=["two"]) == "s3cret"


def test_without_the_key_or_altered() -> None:
    sealed = seal("s3cret", keys=["one"])
    with pytest.raises(SecretLost):
        unseal(sealed, keys=["two"])
    with pytest.raises(SecretLost):
        unseal(sealed[:-4] + b"AAAA", keys=["one"])
