"""Two accounts with a device each, written as rows."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest
from sqlalchemy import insert

from radicale_propmgmt.accounts.passwords import app_password_mac, hash_password, new_app_password
from radicale_propmgmt.db.tables import Account, AudienceRow, Device
from radicale_propmgmt.domain.audiences import Audience, GroupStyle
from radicale_propmgmt.projection.audiences import assign_variant


@dataclass(frozen=True)
class Person:
    account_id: int
    device_id: int
    login: str
    password: str
    human: str


def basic(login, password):
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


@pytest.fixture
def people(database):
    return [add_person(database, login) for login in ("anna", "horst")]


def add_person(database, login):
    password = new_app_password()
    with database.write("test") as uow:
        audience = uow.connection.execute(
            insert(AudienceRow).values(key=Audience(login=login).key).returning(AudienceRow.id)
        ).scalar_one()
        account = uow.connection.execute(
            insert(Account)
            .values(
                login=login,
                name=login,
                audience_id=audience,
                created_at=uow.now,
                password_hash=hash_password(f"{login} mag Kaffee"),
            )
            .returning(Account.id)
        ).scalar_one()
        assign_variant(uow, account, GroupStyle.CARDS)
        device = uow.connection.execute(
            insert(Device)
            .values(
                account_id=account,
                label="phone",
                secret_mac=app_password_mac(uow.secrets, password),
                created_at=uow.now,
                layout="groups",
                groups_mode="cards",
            )
            .returning(Device.id)
        ).scalar_one()
    return Person(account, device, login, password, f"{login} mag Kaffee")
