"""Which addresses the server may be sent to."""

import pytest

from core.infrastructure.network_guard import HostNotAllowed, UnknownHost, checked_address

INSIDE = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "::",
    "::1",
    "[::1]",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::10.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("host", INSIDE)
def test_what_only_we_can_reach_is_refused(host: str) -> None:
    with pytest.raises(HostNotAllowed):
        checked_address(host, 443)


@pytest.mark.parametrize("host", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_let_through(host: str) -> None:
    assert checked_address(host, 443) == host


def test_a_private_network_the_operator_names_is_open_and_no_other() -> None:
    networks = ("10.0.0.0/8", "fd12::/16")
    assert checked_address("10.1.2.3", 5432, allowed_networks=networks) == "10.1.2.3"
    assert checked_address("fd12::1", 5432, allowed_networks=networks) == "fd12::1"
    with pytest.raises(HostNotAllowed):
        checked_address("192.168.1.1", 5432, allowed_networks=networks)


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "fd00:ec2::254", "0.0.0.0", "fe80::1", "::ffff:169.254.169.254"]
)
def test_metadata_and_link_local_stay_closed_whatever_the_operator_allows(host: str) -> None:
    with pytest.raises(HostNotAllowed):
        checked_address(host, 80, allowed_networks=("0.0.0.0/0", "::/0"))


@pytest.mark.parametrize("host", ["", "no-such-host.invalid", "a" * 300, "bad\x00name", "ü" * 70])
def test_a_name_without_an_address_is_unknown_or_refused(host: str) -> None:
    with pytest.raises((UnknownHost, HostNotAllowed)):
        checked_address(host, 443)
