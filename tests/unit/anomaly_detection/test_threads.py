import numpy as np
import pytest

from anomaly_detection.domain.detector import Matrix
from anomaly_detection.infrastructure.kernels.threads import over_rows, threads, use_threads


@pytest.mark.parametrize("n_threads", [1, 2, 5])
@pytest.mark.parametrize("n_rows", [0, 1, 10, 11, 95])
def test_every_row_is_worked_on_once(n_threads: int, n_rows: int) -> None:
    x, seen = np.arange(n_rows, dtype=np.float64)[:, None], np.zeros(n_rows)

    def work(rows: Matrix, start: int, stop: int) -> None:
        np.testing.assert_array_equal(rows[:, 0], np.arange(start, stop))
        seen[start:stop] += 1

    use_threads(n_threads)
    over_rows(x, work, n_features=1, rows_at_once=10)
    use_threads(None)
    assert (seen == 1).all()


@pytest.mark.parametrize("n_threads", [1, 2])
def test_an_error_in_a_thread_is_the_callers(n_threads: int) -> None:
    def work(rows: Matrix, start: int, stop: int) -> None:
        raise ZeroDivisionError

    use_threads(n_threads)
    with pytest.raises(ZeroDivisionError):
        over_rows(np.zeros((100, 1)), work, n_features=1, rows_at_once=10)
    use_threads(None)


def test_the_limit_holds_until_it_is_lifted() -> None:
    use_threads(1)
    limited = threads()
    use_threads(None)
    assert limited == 1
    assert threads() >= 1
