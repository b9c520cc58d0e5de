from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.account import Account, AccountNotFound
from clinic.audit import Audit
from clinic.passwords import PasswordTooWeak
from clinic.people import LastAdmin, People
from clinic.staff import SignInRefused, Staff
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock

PASSWORD = "four plain words here"


@pytest.fixture
def staff(database: Database, clock: SettableClock) -> Staff:
    return Staff(database, idle=timedelta(minutes=15), absolute=timedelta(hours=12), now=clock)


@pytest.fixture
def people(database: Database, clock: SettableClock) -> People:
    return People(database, now=clock)


@pytest.fixture
def adam(staff: Staff) -> Account:
    link = staff.ensure_first_admin()
    assert link is not None
    return staff.accept_link(link, "Adam", "adam@example.org", PASSWORD)


@pytest.fixture
def nora(staff: Staff, adam: Account) -> Account:
    return staff.accept_link(staff.invite("staff", adam.id), "Nora", "nora@example.org", PASSWORD)


def test_a_new_role_begins_with_a_new_session(
    staff: Staff, people: People, adam: Account, nora: Account
) -> None:
    token = staff.sign_in("nora@example.org", PASSWORD).token
    people.set_role(nora.id, "staff", adam.id)  # no change
    assert staff.find_session(token).account.role == "staff"
    people.set_role(nora.id, "viewer", adam.id)
    with pytest.raises(SignInRefused):
        staff.find_session(token)
    again = staff.sign_in("nora@example.org", PASSWORD)
    assert (again.account.role, again.token != token) == ("viewer", True)
    with pytest.raises(ValueError, match="not a role"):
        people.set_role(nora.id, "owner", adam.id)


def test_the_last_admin_stays(staff: Staff, people: People, adam: Account, nora: Account) -> None:
    staff.invite("admin", adam.id)  # somebody who has not come yet does not count
    for change in (
        lambda: people.disable(adam.id, adam.id),
        lambda: people.set_role(adam.id, "staff", adam.id),
    ):
        with pytest.raises(LastAdmin):
            change()
    people.set_role(nora.id, "admin", adam.id)
    people.set_role(adam.id, "staff", nora.id)


def test_access_is_taken_away_and_given_back(
    staff: Staff, people: People, adam: Account, nora: Account
) -> None:
    token = staff.sign_in("nora@example.org", PASSWORD).token
    people.disable(nora.id, adam.id)
    with pytest.raises(SignInRefused):
        staff.find_session(token)
    people.enable(nora.id, adam.id)
    with pytest.raises(SignInRefused):
        staff.find_session(token)
    staff.sign_in("nora@example.org", PASSWORD)


def test_all_sessions_end_together(
    database: Database, staff: Staff, people: People, adam: Account, nora: Account
) -> None:
    tokens = [staff.sign_in("nora@example.org", PASSWORD).token for _ in range(3)]
    others = staff.sign_in("adam@example.org", PASSWORD).token
    people.sign_out_everywhere(nora.id, adam.id)
    for token in tokens:
        with pytest.raises(SignInRefused):
            staff.find_session(token)
    staff.find_session(others)
    assert Audit(database).list_for("staff", nora.id)[-1].action == "signed_out_everywhere"


def test_a_password_is_changed_with_the_old_one(staff: Staff, people: People, nora: Account) -> None:
    token = staff.sign_in("nora@example.org", PASSWORD).token
    with pytest.raises(SignInRefused):
        people.change_password(nora.id, "not the password", "another four plain words")
    with pytest.raises(PasswordTooWeak):
        people.change_password(nora.id, PASSWORD, "short")
    staff.find_session(token)
    people.change_password(nora.id, PASSWORD, "another four plain words")
    with pytest.raises(SignInRefused):
        staff.find_session(token)
    staff.sign_in("nora@example.org", "another four plain words")


def test_it_says_that_an_account_does_not_exist(people: People) -> None:
    for change in (
        lambda: people.set_role("nothing", "staff", "adam"),
        lambda: people.disable("nothing", "adam"),
        lambda: people.enable("nothing", "adam"),
        lambda: people.sign_out_everywhere("nothing", "adam"),
        lambda: people.change_password("nothing", "a", "b"),
    ):
        with pytest.raises(AccountNotFound):
            change()
