from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident

import numpy as np
import pytest
from layer_checks import assert_agree, assert_all_agree, numbers
from threadpoolctl import threadpool_limits

from coursekit.layers import conv2d_backward, conv2d_forward, threads
from coursekit.layers.threads import WORTH_SHARING, share_images


@pytest.fixture
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


def blas_threads():
    """Of NumPy's library alone: SciPy, where a test has imported it since, brings its own."""
    return [library.num_threads for library in threads._blas().lib_controllers]


def parts(images, multiply_adds=WORTH_SHARING):
    return share_images(lambda part: (part, get_ident()), images, multiply_adds)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("images", [1, 2, 7])
def test_parts_cover_the_batch_once(count, images):
    with threadpool_limits(count, user_api="blas"):
        covered = [n for part, _ in parts(images) for n in range(images)[part]]
        assert covered == list(range(images))
        assert len(parts(images)) == min(count, images)


def test_one_thread_stays_one():
    with threadpool_limits(1, user_api="blas"):
        assert parts(8) == [(slice(0, 8), get_ident())]


def test_small_work_is_not_shared(two_threads):
    assert parts(8, WORTH_SHARING - 1) == [(slice(0, 8), get_ident())]


def test_blas_keeps_to_one_core_while_images_are_shared(two_threads):
    inside = share_images(lambda part: blas_threads(), 2, WORTH_SHARING)
    assert all(set(counts) == {1} for counts in inside)
    assert 2 in blas_threads()


def test_an_error_reaches_the_caller_and_leaves_no_trace(two_threads):
    def fail(part):
        raise ZeroDivisionError(part)

    with pytest.raises(ZeroDivisionError):
        share_images(fail, 2, WORTH_SHARING)
    assert 2 in blas_threads()
    assert len(parts(2)) == 2


def test_a_second_caller_computes_alone(two_threads):
    meeting = Barrier(3, timeout=30)

    def outer(part):
        meeting.wait()  # both parts are running; the second caller now has its turn
        meeting.wait()

    with ThreadPoolExecutor(1) as other:
        first = other.submit(share_images, outer, 2, WORTH_SHARING)
        meeting.wait()
        second = parts(2)
        meeting.wait()
        first.result()
    assert second == [(slice(0, 2), get_ident())]
    assert len(parts(2)) == 2


@pytest.mark.parametrize("groups", [1, 2])
def test_convolution_gives_the_same_on_any_number_of_threads(monkeypatch, groups):
    monkeypatch.setattr(threads, "WORTH_SHARING", 0)
    x, w, b = numbers((5, 4, 9, 8), 0), numbers((6, 4 // groups, 3, 2), 1), numbers(6, 2)
    dout = numbers((5, 6, 7, 7), 3)
    settings = {"groups": groups}
    with threadpool_limits(1, user_api="blas"):
        out = conv2d_forward(x, w, b, **settings)
        back = conv2d_backward(dout, x, w, **settings)
    for count in (2, 3, 8):
        with threadpool_limits(count, user_api="blas"):
            assert_agree(conv2d_forward(x, w, b, **settings), out, np.float64)
            assert_all_agree(conv2d_backward(dout, x, w, **settings), back, np.float64)
