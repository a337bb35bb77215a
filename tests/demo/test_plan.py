"""The device plan both the simulator and the city read."""

import ipaddress
import json

from portal.accounts.values import Role
from portal.demo import commands
from portal.demo.cast import DEMO, cast_of
from portal.demo.plan import CITY, NETWORK, Behaviour, device_plan, from_json, to_json


def test_same_seed_same_fleet_and_a_larger_one_begins_with_the_smaller():
    assert device_plan(7, 300)[:40] == device_plan(7, 40)
    assert device_plan(7, 40) != device_plan(8, 40)


def test_every_behaviour_of_a_city_is_present_in_a_small_fleet():
    assert {device.behaviour for device in device_plan(1, 30)} == set(CITY)


def test_addresses_are_unique_and_on_loopback_only():
    fleet = device_plan(1, 2000)
    addresses = {ipaddress.ip_address(device.address) for device in fleet}
    assert len(addresses) == 2000
    assert all(address in ipaddress.ip_network(NETWORK) for address in addresses)


def test_only_the_wrong_password_is_wrong():
    for device in device_plan(1, 500):
        differs = device.registered_password != device.password
        assert differs == (device.behaviour is Behaviour.BAD_LOGIN)
        assert (device.clock_offset_s != 0) == (device.behaviour is Behaviour.WRONG_CLOCK)


def test_json_round_trip():
    fleet = device_plan(3, 50)
    assert from_json(to_json(fleet)) == fleet


def test_the_logins_are_listed_for_programs(settings, monkeypatch, capsys):
    monkeypatch.setattr(commands, "load_settings", lambda: settings)
    assert commands.list_accounts(as_json=True) == 0
    listed = {row["login"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(listed) == {person.login for person in cast_of(DEMO).people}
    assert {row["password"] for row in listed.values()} == {cast_of(DEMO).password}
    assert {row["role"] for row in listed.values()} == set(Role)
