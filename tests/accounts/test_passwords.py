"""App passwords survive people and keyboards; human ones are argon2id."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.accounts.passwords import (
    ALPHABET,
    LENGTH,
    LONGEST,
    app_password_mac,
    canonical_app_password,
    hash_password,
    new_app_password,
    verify_password,
)
from radicale_propmgmt.domain.secrets import Secrets

SECRETS = Secrets.derive(b"k" * 32)


def test_an_app_password_has_128_random_bits_or_more():
    """ASVS 6.5.2: only such secrets may be stored as a fast hash."""
    assert LENGTH * 5 >= 128
    assert len(ALPHABET) == 32
    assert len({new_app_password() for _ in range(200)}) == 200
    assert re.fullmatch(r"([0-9a-z]{5}-){4}[0-9a-z]{6}", new_app_password())


@given(st.data())
def test_case_hyphens_spaces_and_misread_letters_do_not_matter(data):
    """It is typed from paper on a phone that capitalises the first letter."""
    password = new_app_password()
    spoilt = "".join(
        data.draw(st.sampled_from([letter, letter.upper(), {"0": "O", "1": "l"}.get(letter, letter), f"{letter} "]))
        for letter in password
        if letter != "-" or data.draw(st.booleans())
    )
    assert app_password_mac(SECRETS, spoilt) == app_password_mac(SECRETS, password)


def test_what_is_stored_depends_on_the_key_of_the_installation():
    password = new_app_password()
    assert app_password_mac(SECRETS, password) != app_password_mac(Secrets.derive(b"j" * 32), password)
    assert canonical_app_password(password).encode() not in app_password_mac(SECRETS, password)


def test_a_human_password_is_stored_as_argon2id_of_19_mib():
    """OWASP's floor: m=19456, t=2, p=1."""
    stored = hash_password("Kaffee um zehn")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password("Kaffee um zehn", stored)
    assert not verify_password("kaffee um zehn", stored)
    assert not verify_password("Kaffee um zehn", None)


def test_a_password_too_long_is_refused_without_work():
    assert not verify_password("x" * (LONGEST + 1), hash_password("x" * 10))
