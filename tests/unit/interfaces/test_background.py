import signal

from interfaces.bootstrap.background import Background, heard_first


def background(*, at_stop: list[object], every_second: list[object], fails: bool = False) -> Background:
    def work() -> None:
        every_second.append(1)
        if fails:
            raise ConnectionError

    return Background(
        start=lambda: None, at_stop=(lambda: at_stop.append(1),), every_second=(work,), grace_s=1
    )


def test_stopping_is_begun_once_and_what_was_counted_is_written_last() -> None:
    stops: list[object] = []
    seconds: list[object] = []
    running = background(at_stop=stops, every_second=seconds)
    running.start()
    running.begin_to_stop()
    running.begin_to_stop()
    running.stop()
    assert len(stops) == 1
    assert len(seconds) >= 1


def test_what_fails_in_the_background_keeps_nothing_from_stopping() -> None:
    stops: list[object] = []
    seconds: list[object] = []
    running = background(at_stop=stops, every_second=seconds, fails=True)
    running.start()
    running.stop()
    assert (len(stops), len(seconds)) == (1, 1)


def test_a_signal_is_noticed_before_its_handler_and_the_handler_is_kept() -> None:
    heard: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append("handler"))
    try:
        with heard_first(lambda: heard.append("notice")):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == ["notice", "handler", "handler"]
