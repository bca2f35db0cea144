from contextlib import closing

import pytest

from interfaces.bootstrap.listening import CannotListen, listening, shown


@pytest.mark.parametrize(("host", "begins"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_the_url_of_a_listener_can_be_opened(host: str, begins: str) -> None:
    with closing(listening(host, 0, setting="--port")) as listener:
        assert shown(listener).startswith(begins)


def test_a_host_without_an_address_is_refused() -> None:
    with pytest.raises(CannotListen) as refused:
        listening("no.such.host.invalid", 0, setting="--port")
    assert "no.such.host.invalid" in refused.value.detail


def test_a_port_that_another_listens_on_is_refused_with_the_setting_to_change() -> None:
    with closing(listening("127.0.0.1", 0, setting="--port")) as first:
        port = first.getsockname()[1]
        with pytest.raises(CannotListen) as refused:
            listening("127.0.0.1", port, setting="METRICS_PORT")
    assert f"Port {port}" in refused.value.detail
    assert "METRICS_PORT" in refused.value.fix
