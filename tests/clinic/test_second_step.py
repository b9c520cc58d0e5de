from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from clinic.account import Account
from clinic.second_step import CodeWrong, SecondStep
from clinic.staff import SignInRefused, Staff
from clinic.storage import tables
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock

PASSWORD = "four plain words here"


@pytest.fixture
def staff(database: Database, clock: SettableClock) -> Staff:
    return Staff(database, idle=timedelta(minutes=15), absolute=timedelta(hours=12), now=clock)


@pytest.fixture
def second_step(database: Database, clock: SettableClock) -> SecondStep:
    return SecondStep(database, "the key of this installation", now=clock)


@pytest.fixture
def adam(staff: Staff) -> Account:
    link = staff.ensure_first_admin()
    assert link is not None
    return staff.accept_link(link, "Adam", "adam@example.org", PASSWORD)


@pytest.fixture
def phone(second_step: SecondStep, adam: Account, clock: SettableClock) -> pyotp.TOTP:
    """Adam's authenticator app; the second step is on."""
    app = pyotp.TOTP(second_step.begin(adam.id).secret)
    second_step.confirm(adam.id, app.at(clock()))
    clock.advance(seconds=30)
    return app


def test_it_counts_only_after_a_first_code(
    staff: Staff, second_step: SecondStep, adam: Account, clock: SettableClock
) -> None:
    setup = second_step.begin(adam.id)
    assert second_step.begin(adam.id) == setup
    assert setup.address.startswith("otpauth://totp/")
    assert "adam%40example.org" in setup.address
    with pytest.raises(CodeWrong):
        second_step.confirm(adam.id, "000000")
    assert not staff.sign_in("adam@example.org", PASSWORD).is_pending
    codes = second_step.confirm(adam.id, pyotp.TOTP(setup.secret).at(clock()))
    assert len(set(codes)) == 10
    assert staff.sign_in("adam@example.org", PASSWORD).is_pending
    with pytest.raises(ValueError, match="on already"):
        second_step.begin(adam.id)


def test_it_keeps_the_secret_and_the_codes_unreadable(
    database: Database, second_step: SecondStep, adam: Account, clock: SettableClock
) -> None:
    secret = second_step.begin(adam.id).secret
    codes = second_step.confirm(adam.id, pyotp.TOTP(secret).at(clock()))
    with database.transaction(read_only=True) as session:
        person = session.get_one(tables.StaffMember, adam.id)
        kept = str(person.second_step_secret) + repr(
            session.scalars(select(tables.RecoveryCode.code_hash)).all()
        )
    assert secret not in kept
    assert not any(code.replace("-", "") in kept for code in codes)


def test_a_pending_session_becomes_a_new_full_one(
    staff: Staff, second_step: SecondStep, phone: pyotp.TOTP, clock: SettableClock
) -> None:
    pending = staff.sign_in("adam@example.org", PASSWORD)
    assert staff.find_session(pending.token).is_pending
    full = second_step.finish_sign_in(pending.token, phone.at(clock()))
    assert full.token != pending.token
    assert not staff.find_session(full.token).is_pending
    with pytest.raises(SignInRefused):
        staff.find_session(pending.token)


def test_a_code_works_once(
    staff: Staff, second_step: SecondStep, phone: pyotp.TOTP, clock: SettableClock
) -> None:
    code = phone.at(clock())
    second_step.finish_sign_in(staff.sign_in("adam@example.org", PASSWORD).token, f" {code[:3]} {code[3:]} ")
    again = staff.sign_in("adam@example.org", PASSWORD)
    with pytest.raises(CodeWrong):
        second_step.finish_sign_in(again.token, code)


@pytest.mark.parametrize(
    ("seconds", "is_right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_phone_may_be_half_a_minute_off(
    staff: Staff,
    second_step: SecondStep,
    phone: pyotp.TOTP,
    clock: SettableClock,
    seconds: int,
    is_right: bool,
) -> None:
    clock.advance(minutes=5)
    pending = staff.sign_in("adam@example.org", PASSWORD)
    code = phone.at(clock() + timedelta(seconds=seconds))
    if is_right:
        second_step.finish_sign_in(pending.token, code)
    else:
        with pytest.raises(CodeWrong):
            second_step.finish_sign_in(pending.token, code)


def test_a_recovery_code_works_once(
    staff: Staff, second_step: SecondStep, phone: pyotp.TOTP, adam: Account
) -> None:
    codes = second_step.renew_recovery_codes(adam.id)
    second_step.finish_sign_in(staff.sign_in("adam@example.org", PASSWORD).token, codes[0].upper())
    assert second_step.count_recovery_codes(adam.id) == 9
    again = staff.sign_in("adam@example.org", PASSWORD)
    with pytest.raises(CodeWrong):
        second_step.finish_sign_in(again.token, codes[0])


def test_new_recovery_codes_replace_the_old_ones(
    staff: Staff, second_step: SecondStep, phone: pyotp.TOTP, adam: Account
) -> None:
    old = second_step.renew_recovery_codes(adam.id)
    second_step.renew_recovery_codes(adam.id)
    with pytest.raises(CodeWrong):
        second_step.finish_sign_in(staff.sign_in("adam@example.org", PASSWORD).token, old[0])


def test_wrong_codes_lock_like_wrong_passwords(
    staff: Staff, second_step: SecondStep, phone: pyotp.TOTP, clock: SettableClock
) -> None:
    pending = staff.sign_in("adam@example.org", PASSWORD)  # the first try
    for _ in range(4):
        with pytest.raises(CodeWrong):
            second_step.finish_sign_in(pending.token, "not right")
    with pytest.raises(SignInRefused) as refusal:
        second_step.finish_sign_in(pending.token, phone.at(clock()))
    assert refusal.value.wait == timedelta(minutes=1)


def test_the_second_step_must_be_done_within_ten_minutes(
    staff: Staff, second_step: SecondStep, phone: pyotp.TOTP, clock: SettableClock
) -> None:
    pending = staff.sign_in("adam@example.org", PASSWORD)
    clock.advance(minutes=10)
    with pytest.raises(SignInRefused):
        staff.find_session(pending.token)
    with pytest.raises(SignInRefused):
        second_step.finish_sign_in(pending.token, phone.at(clock()))


def test_a_full_session_cannot_be_finished_again(
    staff: Staff, second_step: SecondStep, adam: Account
) -> None:
    with pytest.raises(SignInRefused):
        second_step.finish_sign_in(staff.sign_in("adam@example.org", PASSWORD).token, "123456")


def test_it_is_turned_off_with_a_code_only(
    staff: Staff, second_step: SecondStep, phone: pyotp.TOTP, adam: Account, clock: SettableClock
) -> None:
    with pytest.raises(CodeWrong):
        second_step.turn_off(adam.id, "000000")
    second_step.turn_off(adam.id, phone.at(clock()))
    assert not staff.sign_in("adam@example.org", PASSWORD).is_pending
    assert second_step.count_recovery_codes(adam.id) == 0


def test_an_administrator_resets_it(
    staff: Staff, second_step: SecondStep, phone: pyotp.TOTP, adam: Account
) -> None:
    second_step.reset(adam.id, "eve")
    assert not staff.sign_in("adam@example.org", PASSWORD).is_pending


def test_with_another_key_no_code_is_right(
    database: Database, staff: Staff, phone: pyotp.TOTP, clock: SettableClock
) -> None:
    pending = staff.sign_in("adam@example.org", PASSWORD)
    with pytest.raises(CodeWrong):
        SecondStep(database, "another key", now=clock).finish_sign_in(pending.token, phone.at(clock()))
