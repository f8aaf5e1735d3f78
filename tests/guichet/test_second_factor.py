"""The second factor on both engines: a code or a recovery code opens once, whoever tries at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from cryptography.fernet import Fernet

from guichet import second_factor
from guichet.audit import CLI, Deed
from guichet.privacy import Vault
from guichet.settings import SettingsError
from guichet.store import audit
from guichet.store import staff as rows

NOON = datetime(2025, 11, 22, 12, 0, tzinfo=UTC)
KEY, OTHER_KEY = (Fernet.generate_key().decode() for _ in range(2))
VAULT = Vault([KEY])
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
USED, REFUSED = Deed("camille", "signin.recovery_code", NOON), Deed("camille", "signin.code_refused", NOON)


@pytest.fixture
def enrolled(store):
    """(the person, the recovery codes)"""
    added = Deed(CLI, "staff.added", NOON, target="camille")
    person = rows.add(
        store, login="camille", name="C", role="agent", password_hash="h", must_change=False, now=NOON, deed=added
    )
    sealed, deed = VAULT.seal({"totp": SECRET}), Deed("camille", "totp.enrolled", NOON)
    codes = second_factor.enrol(store, person, sealed, VAULT, digits(-30), NOON, deed)
    return rows.find(store, "camille"), codes


def digits(later: float = 0) -> str:
    return pyotp.TOTP(SECRET).at(NOON + timedelta(seconds=later))


def check(store, person, written: str, vault: Vault = VAULT) -> bool:
    return second_factor.check(store, vault, person, written, NOON, used=USED, refused=REFUSED)


def at_once(work, count: int = 8) -> int:
    """How many of `count` tries at the same time succeed."""
    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(lambda _: work(), range(count)))


def actions(store) -> list[str]:
    return [row.action for row in audit.every(store, audit.Filter())]


def test_the_digits_of_a_time_step_open_once(store, enrolled):
    person, _ = enrolled
    assert at_once(lambda: check(store, person, digits())) == 1
    assert actions(store).count("signin.code_refused") == 7


def test_a_recovery_code_opens_once(store, enrolled):
    person, codes = enrolled
    assert at_once(lambda: check(store, person, codes[3])) == 1
    assert rows.recovery_codes_left(store, person.id) == 9
    assert actions(store).count("signin.recovery_code") == 1
    assert actions(store).count("signin.code_refused") == 7


def test_the_code_that_enrolled_and_those_before_it_open_nothing(store, enrolled):
    person, _ = enrolled
    assert not check(store, person, digits(-30))
    assert check(store, person, digits(30))
    assert not check(store, person, digits())


def test_wrong_codes_in_a_row_end_at_the_limit_and_a_right_one_starts_them_afresh(store, enrolled, monkeypatch):
    monkeypatch.setattr(second_factor, "TRIES", 3)
    person, codes = enrolled
    wrong = digits(3600)
    assert not any([check(store, person, wrong), check(store, person, wrong)])
    assert check(store, person, digits())
    for _ in range(3):
        check(store, person, wrong)
    assert not check(store, person, digits(30))
    assert check(store, person, codes[0])
    assert check(store, person, digits(30))


def test_a_wrong_code_enrols_nothing(store, enrolled):
    person, codes = enrolled
    sealed, deed = second_factor.new_secret(VAULT), Deed("camille", "totp.enrolled", NOON)
    assert second_factor.enrol(store, person, sealed, VAULT, "000000", NOON, deed) == []
    assert second_factor.enrol(store, person, sealed, VAULT, "", NOON, deed) == []
    assert check(store, person, codes[0])


def test_the_key_that_sealed_the_secret_may_be_rotated_but_not_lost(store, enrolled):
    person, _ = enrolled
    with pytest.raises(SettingsError):
        check(store, person, digits(), Vault([OTHER_KEY]))
    assert check(store, person, digits(), Vault([OTHER_KEY, KEY]))


def test_two_secrets_are_never_alike_and_are_sealed():
    sealed = {second_factor.new_secret(VAULT) for _ in range(50)}
    secrets = {second_factor.opened(one, VAULT) for one in sealed}
    assert len(secrets) == 50
    assert {len(secret) for secret in secrets} == {32}
    assert not any(secret in one for secret in secrets for one in sealed)
    assert second_factor.in_groups(SECRET) == "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"
