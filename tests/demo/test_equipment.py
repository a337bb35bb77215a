"""Cameras share out the simulated devices."""

from datetime import date

from portal.demo.equipment import connections, share_out, split
from portal.demo.plan import device_plan
from portal.demo.systems import unit_systems
from portal.demo.units import plan_units


def test_every_channel_is_given_once_and_a_system_gets_no_more_than_its_cameras():
    systems = list(unit_systems(3, plan_units(3, 20_000, date(2025, 11, 20))))
    devices = device_plan(3, 300)
    given = share_out(3, connections(devices), systems)
    by_number = {system.number: system for system in systems}
    pairs = [(c.device.index, c.channel) for own in given.values() for c in own]
    assert len(pairs) == len(set(pairs)) == len(connections(devices))
    assert all(len(own) <= by_number[number].cameras for number, own in given.items())
    assert 1_000 < len(pairs) < 3_000
    assert len({by_number[number].district for number in given}) >= 6


def test_a_small_city_takes_what_it_can():
    systems = list(unit_systems(3, plan_units(3, 400, date(2025, 11, 20))))
    given = share_out(3, connections(device_plan(3, 300)), systems)
    assert given
    assert share_out(3, [], systems) == {}


def test_no_device_serves_both_a_model_unit_and_another():
    links = connections(device_plan(3, 60))
    models, others = split(links, 90)
    assert [*models, *others] == links
    assert not {link.device.index for link in models} & {link.device.index for link in others}
    assert 0 < len(models) <= len(links) // 2 + 16
