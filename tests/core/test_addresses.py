"""The address policy: what an operator allows, spelled one way, and nothing else."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.addresses import ALWAYS_DENIED, AddressDenied, AddressPolicy, Denial, sender_of

POLICY = AddressPolicy.build(networks=["10.0.0.0/8", "192.168.0.0/16", "fd12:3456::/32"], own=["10.0.0.5"])


def denial(text, *ports, policy=POLICY):
    with pytest.raises(AddressDenied) as refused:
        policy.check(text, *ports)
    return refused.value.denial


def test_an_allowed_address_comes_back_as_the_literal_to_connect_to():
    assert POLICY.check("10.1.2.3", 554, 80) == "10.1.2.3"
    assert POLICY.check("fd12:3456:0:0::7", 554) == "fd12:3456::7"
    assert POLICY.check("10.1.2.3", None, 80) == "10.1.2.3"


@pytest.mark.parametrize(
    "text",
    [
        "127.1",
        "2130706433",
        "0x7f000001",
        "0",
        "",
        " 10.1.2.3",
        "10.1.2.3 ",
        "10.1.2.03",
        "10.1.2",
        "camera.local",
        "user:pw@10.1.2.3",
        "10.1.2.3:9100/latest/meta-data?x=",
        "10.1.2.3/32",
        "[fd12:3456::1]",
        "fe80::1%eth0",
        "１０.1.2.3",
        "10.1.2.3\n",
        "10.1.2.3\x00",
    ],
)
def test_anything_but_a_plain_literal_is_not_an_address(text):
    assert denial(text) is Denial.NOT_AN_ADDRESS


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "64:ff9b::a00:1",
        "fd00:ec2::254",
        "ff02::1",
        "fe80::1",
        "2002:7f00:1::",
    ],
)
def test_some_addresses_no_configuration_allows(text):
    everything = AddressPolicy.build(networks=["0.0.0.0/0", "::/0"])
    assert denial(text, policy=everything) is Denial.ALWAYS_DENIED


def test_an_ipv4_address_in_ipv6_clothes_obeys_the_ipv4_rules():
    assert POLICY.check("::ffff:10.1.2.3") == "10.1.2.3"
    assert denial("::ffff:127.0.0.1") is Denial.ALWAYS_DENIED
    assert denial("::ffff:8.8.8.8") is Denial.NOT_ALLOWED


def test_nothing_is_allowed_until_the_operator_says_so():
    assert denial("10.1.2.3", policy=AddressPolicy.build()) is Denial.NOT_ALLOWED
    assert denial("172.16.0.1") is Denial.NOT_ALLOWED


def test_the_portals_own_services_and_unlisted_ports_are_refused():
    assert denial("10.0.0.5", 80) is Denial.OWN_SERVICE
    assert denial("10.1.2.3", 5432) is Denial.PORT
    assert denial("10.1.2.3", 554, 22) is Denial.PORT


def test_simulated_devices_open_their_part_of_loopback_only():
    demo = AddressPolicy.build(networks=["127.82.0.0/16"], simulated=True)
    assert demo.check("127.82.0.1", 80) == "127.82.0.1"
    assert denial("127.83.0.1", policy=demo) is Denial.ALWAYS_DENIED
    assert denial("127.0.0.1", policy=demo) is Denial.ALWAYS_DENIED


@pytest.mark.parametrize("network", ["127.0.0.0/8", "127.0.0.0/24", "::1/128", "nonsense"])
def test_a_loopback_setting_that_reaches_the_portal_itself_stops_the_start(network):
    with pytest.raises(ValueError, match=r"never probed|nonsense"):
        AddressPolicy.build(networks=[network], simulated=True)


def test_in_production_no_part_of_loopback_is_ever_probed():
    with pytest.raises(ValueError, match="never probed"):
        AddressPolicy.build(networks=["127.82.0.0/16"])


def test_a_mistyped_network_stops_the_start():
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        AddressPolicy.build(networks=["10.0.0.1/8"])


@given(st.ip_addresses())
def test_whatever_is_typed_only_allowed_and_never_denied_addresses_pass(address):
    try:
        checked = ipaddress.ip_address(POLICY.check(str(address)))
    except AddressDenied:
        return
    assert any(checked.version == n.version and checked in n for n in POLICY.allowed)
    assert not any(checked.version == n.version and checked in n for n in ALWAYS_DENIED)


@given(st.text(max_size=40))
def test_no_text_gets_past_the_policy_as_anything_but_itself(text):
    try:
        checked = POLICY.check(text)
    except AddressDenied:
        return
    assert ipaddress.ip_address(checked) in {
        ipaddress.ip_address(text),
        getattr(ipaddress.ip_address(text), "ipv4_mapped", None),
    }


def test_one_network_of_ipv6_counts_as_one_sender():
    assert sender_of("2001:db8:1:2::7") == sender_of("2001:db8:1:2:ffff::9") != sender_of("2001:db8:1:3::7")
    assert sender_of("::ffff:203.0.113.9") == sender_of("203.0.113.9") != sender_of("203.0.113.8")
    assert sender_of("") == ""
    assert len(sender_of("2001:db80:1111:2222:3333:4444:5555:6666")) <= 45
