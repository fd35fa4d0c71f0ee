from bailiff_bot.aws.call_rate import CallRate


class Time:
    """A clock that moves only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def pause(self, seconds: float) -> bool:
        self.now += seconds
        return False


def test_a_burst_passes_at_once_and_then_so_many_calls_a_second() -> None:
    time = Time()
    rate = CallRate(10, 5, time.pause, lambda: time.now)
    at = [(rate.wait(), time.now)[1] for _ in range(21)]
    assert at[9] == 0
    assert [round(one, 6) for one in at[10:]] == [round(0.2 * number, 6) for number in range(1, 12)]


def test_a_bucket_fills_up_to_its_size_and_no_further() -> None:
    time = Time()
    rate = CallRate(2, 1, time.pause, lambda: time.now)
    time.now = 100.0
    assert [(rate.wait(), time.now)[1] for _ in range(3)] == [100.0, 100.0, 101.0]


def test_nothing_is_called_if_the_process_stops() -> None:
    rate = CallRate(1, 1, lambda _seconds: True, lambda: 0.0)
    assert [rate.wait(), rate.wait()] == [True, False]
