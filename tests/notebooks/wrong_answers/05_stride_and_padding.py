"""Answers as students write them; the slug above each is the mistake its check must name."""


# plus-one-forgotten
def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return (w_in + 2 * padding - dilation * (kernel_size - 1) - 1) // stride


# width-modulo-stride
def uncovered_pixels(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return list(range(w_in - w_in % stride, w_in))


# dilation-ignored
def same_padding(kernel_size, dilation=1):
    before = (kernel_size - 1) // 2
    return before, kernel_size - 1 - before


# sum-of-kernels
def receptive_field(layers):
    return sum(kernel_size for kernel_size, _ in layers)
