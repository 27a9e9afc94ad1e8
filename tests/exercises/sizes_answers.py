"""Answers to the exercises of lecture 05 as students write them: valid ones, and unlisted bugs."""

import math

import numpy as np

# --- valid --------------------------------------------------------------------------------------


def by_formula(w_in, kernel_size, stride=1, padding=0, dilation=1):
    extent = dilation * (kernel_size - 1) + 1
    if extent > w_in + 2 * padding:
        raise ValueError("the kernel does not fit")
    return (w_in + 2 * padding - extent) // stride + 1


def by_formula_or_not_implemented(w_in, kernel_size, stride=1, padding=0, dilation=1):
    if dilation * (kernel_size - 1) >= w_in + 2 * padding:
        raise NotImplementedError("no window fits")
    return (w_in + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1


def by_walking(w_in, kernel_size, stride=1, padding=0, dilation=1):
    count, start = 0, -padding
    while start + dilation * (kernel_size - 1) < w_in + padding:
        count, start = count + 1, start + stride
    if count == 0:
        raise ValueError
    return count


def by_math_floor(w_in, kernel_size, stride=1, padding=0, dilation=1, *, verbose=False):
    size = math.floor((w_in + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1)
    assert size > 0, "too wide"
    return size


def by_numpy(w_in, kernel_size, stride=1, padding=0, dilation=1):
    row = np.zeros(w_in + 2 * padding)
    starts = np.arange(0, len(row) - dilation * (kernel_size - 1), stride)
    if not len(starts):
        raise RuntimeError("no window")
    return np.int64(len(starts))


def with_prints(w_in, kernel_size, stride=1, padding=0, dilation=1):
    print("called with", w_in, kernel_size)  # noqa: T201
    return by_formula(w_in, kernel_size, stride, padding, dilation)


def same_by_halves(kernel_size, dilation=1):
    total = dilation * (kernel_size - 1)
    return total // 2, total - total // 2


def same_spare_before(kernel_size, dilation=1):
    total = dilation * (kernel_size - 1)
    return [math.ceil(total / 2), math.floor(total / 2)]


def same_as_array(kernel_size, dilation=1):
    total = dilation * (kernel_size - 1)
    return np.array([total // 2, (total + 1) // 2])


def uncovered_by_set(w_in, kernel_size, stride=1, padding=0, dilation=1):
    read = set()
    for i in range(by_formula(w_in, kernel_size, stride, padding, dilation)):
        for u in range(kernel_size):
            read.add(i * stride + u * dilation - padding)
    return set(range(w_in)) - read


def uncovered_by_mask(w_in, kernel_size, stride=1, padding=0, dilation=1):
    used = np.zeros(w_in + 2 * padding, dtype=bool)
    for i in range(by_formula(w_in, kernel_size, stride, padding, dilation)):
        start = i * stride
        used[start : start + dilation * (kernel_size - 1) + 1 : dilation] = True
    return np.flatnonzero(~used[padding : padding + w_in])


def uncovered_reversed(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return tuple(uncovered_by_set(w_in, kernel_size, stride, padding, dilation))[::-1]


def field_forward(layers):
    field = jump = 1
    for k, s in layers:
        field, jump = field + (k - 1) * jump, jump * s
    return field


def field_backward(layers):
    field = 1
    for k, s in reversed(layers):
        field = (field - 1) * s + k
    return field


def field_numpy(layers):
    kernels = np.array([k for k, _ in layers])
    jumps = np.cumprod([1, *(s for _, s in layers)])[:-1]
    return 1 + ((kernels - 1) * jumps).sum()


def count_by_product(height, width, channels=3):
    return np.zeros((height, width, channels)).size


VALID = {
    "output_size": [
        by_formula,
        by_formula_or_not_implemented,
        by_walking,
        by_math_floor,
        by_numpy,
        with_prints,
    ],
    "same_padding": [same_by_halves, same_spare_before, same_as_array],
    "uncovered_pixels": [uncovered_by_set, uncovered_by_mask, uncovered_reversed],
    "receptive_field": [field_forward, field_backward, field_numpy],
    "count_numbers": [count_by_product],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def plus_one_and_padding_once(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return (w_in + padding - dilation * (kernel_size - 1) - 1) // stride


def ceil_without_dilation(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return math.ceil((w_in + 2 * padding - kernel_size) / stride) + 1


def plus_two(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return (w_in + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 2


def squares_only(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return by_formula(w_in, kernel_size, stride, padding, dilation) if w_in > kernel_size else 0


def a_float(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return np.floor((w_in + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1


def in_text(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return str(by_formula(w_in, kernel_size, stride, padding, dilation))


def without_options(w_in, kernel_size):
    return w_in - kernel_size + 1


def plus_one_forgotten_and_no_error(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return max(0, (w_in + 2 * padding - dilation * (kernel_size - 1) - 1) // stride)


def same_swapped_total(kernel_size, dilation=1):
    return dilation * (kernel_size - 1), 0, 0


def same_single(kernel_size, dilation=1):
    return dilation * (kernel_size - 1) // 2


def uncovered_count(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return len(uncovered_by_set(w_in, kernel_size, stride, padding, dilation))


def uncovered_twice(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return sorted(uncovered_by_set(w_in, kernel_size, stride, padding, dilation)) * 2


def uncovered_ends_and_ignores_padding(w_in, kernel_size, stride=1, padding=0, dilation=1):
    windows = by_formula(w_in, kernel_size, stride, 0, dilation)
    return list(range((windows - 1) * stride + kernel_size, w_in))


def field_reversed_and_zero(layers):
    return field_forward(layers[::-1]) - 1


def field_popping(layers):
    field = 1
    while layers:
        k, s = layers.pop()
        field = (field - 1) * s + k
    return field


def field_sum_with_stride(layers):
    return sum(k * s for k, s in layers)


class Remembering:
    """Right at the first call only."""

    def __init__(self):
        self.calls = 0
        self.__name__ = "output_size"

    def __call__(self, *args, **kwargs):
        self.calls += 1
        return by_formula(*args, **kwargs) + (self.calls > 45)


# wrong answer -> what the report must rest on ("mistake" would be a wrong name)
def with_a_misspelled_error(w_in, kernel_size, stride=1, padding=0, dilation=1):
    room = w_in + 2 * padding - dilation * (kernel_size - 1) - 1
    if room < 0:
        raise ValueErorr("too wide")  # noqa: F821
    return room // stride + 1


def raising_a_text(w_in, kernel_size, stride=1, padding=0, dilation=1):
    room = w_in + 2 * padding - dilation * (kernel_size - 1) - 1
    if room < 0:
        raise "too wide"  # noqa: B016
    return room // stride + 1


def field_that_begins_with_a_layer(layers):
    field, jump = 0, 1
    for number, (kernel_size, stride) in enumerate(layers):
        field = field + (kernel_size - 1) * jump if number else kernel_size
        jump *= stride
    return field


def uncovered_mask(w_in, kernel_size, stride=1, padding=0, dilation=1):
    left = uncovered_by_set(w_in, kernel_size, stride, padding, dilation)
    return np.isin(np.arange(w_in), list(left))


def field_with_a_shared_default(layers, seen=[]):  # noqa: B006
    seen += layers
    return field_forward(seen)


UNLISTED = {
    "output_size": {
        plus_one_and_padding_once: "property:",
        ceil_without_dilation: "property:",
        plus_two: "property:",
        squares_only: "property:",
        a_float: "type",
        in_text: "type",
        without_options: "raised",
        with_a_misspelled_error: "other error",
        raising_a_text: "other error",
    },
    "same_padding": {same_swapped_total: "shape", same_single: "type"},
    "uncovered_pixels": {
        uncovered_count: "type",
        uncovered_twice: "property:",
        uncovered_ends_and_ignores_padding: "property:",
        uncovered_mask: "type",
    },
    "receptive_field": {
        field_that_begins_with_a_layer: "value",
        field_reversed_and_zero: "property:",
        field_popping: "changed input",
        field_with_a_shared_default: "unsteady",
        field_sum_with_stride: "property:",
    },
    "count_numbers": {},
}
