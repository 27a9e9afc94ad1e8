"""Every mistake of the course's list that an exercise can show is named there by its own slug.

The numbers are those of the list of misconceptions that the course was planned with.
"""

import pytest

from coursekit.exercises import EXERCISES

LISTED = 194  # rows of that list, which counts its headings too

# Number -> exercise, and the slugs under which it is named there.
NAMED: dict[int, list[tuple[str, str]]] = {}


def rows(exercise: str, slugs: dict[int, str]) -> None:
    """Enter the rows of one exercise; several slugs are separated by spaces."""
    for number, several in slugs.items():
        NAMED.setdefault(number, []).extend((exercise, slug) for slug in several.split())


rows(
    "to_chw",
    {1: "reshaped", 2: "height-and-width-exchanged", 3: "unchanged", 9: "channels-reversed"},
)
rows("to_uint8", {7: "cast-only not-clipped not-rounded"})
rows("channel_statistics", {5: "squares-overflow", 11: "divided-by-255"})
rows("storage_bytes", {13: "levels-instead-of-bits channels-forgotten"})
rows("extract_patch", {14: "row-and-column-exchanged x-and-y-exchanged"})
rows(
    "output_size",
    {
        18: "plus-one-forgotten",
        19: "padding-counted-once",
        20: "ceil-instead-of-floor",
        21: "fractions-rejected",
        22: "divided-too-early",
        23: "int-of-a-negative-number",
        25: "extent-k-times-d",
    },
)
rows("max_pool2d_forward", {26: "stride-one-by-default"})
rows(
    "parameter_count",
    {
        27: "depth-forgotten-in-convolution",
        28: "bias-forgotten",
        29: "one-bias-a-weight",
        30: "convolution-times-places",
        33: "neurons",
        39: "depth-forgotten-in-convolution",
        226: "locally-connected-shares",
        227: "one-neuron-a-channel",
    },
)
rows("neuron_counts", {33: "parameters", 227: "maps-forgotten", 228: "the-papers-first-number"})
rows("grouped_parameters", {31: "groups-ignored"})
rows("conv2d_macs", {34: "doubled", 216: "kernel-forgotten depth-forgotten"})
rows("receptive_field", {35: "sum-of-kernels", 36: "stride-ignored"})
rows("count_layers", {38: "pooling-counted everything-counted branches-added"})
rows(
    "conv2d_forward",
    {
        40: "kernel-rotated",
        41: "bias-forgotten",
        42: "bias-for-every-channel",
        44: "first-bias-everywhere",
        46: "padding-all-before",
        48: "padding-counted-once",
        49: "padding-ignored",
        50: "every-axis-padded every-axis-padded-in-whole-chunks",
        51: "edge-values-repeated",
        53: "size-rounded-up size-rounded-up-and-cut",
        54: "padding-counted-once",
        55: "plus-one-forgotten",
        56: "square-as-the-height",
        58: "kernel-transposed",
        59: "channel-before-filter",
        60: "channels-reversed",
        61: "whole-numbers-only",
        62: "stride-for-rows-only",
        64: "windows-start-at-i-j",
        65: "windows-a-kernel-apart",
        66: "first-filter-everywhere",
        67: "only-the-first-channel",
        68: "only-the-last-channel",
        69: "mean-instead-of-sum",
        70: "mean-over-channels",
        71: "sums-multiplied",
        73: "last-row-and-column-zero",
        74: "relu-inside",
    },
)
rows(
    "conv2d_backward",
    {
        76: "dx-overwritten",
        77: "dw-of-the-last-position",
        78: "dw-of-the-last-image",
        79: "db-mean",
        81: "db-by-image",
        82: "db-by-position",
        83: "db-not-computed",
        84: "windows-start-at-i-j",
        86: "dw-rotated",
        87: "dw-averaged-over-the-batch",
        88: "all-divided-by-the-batch",
        89: "dx-of-the-padded-image",
        91: "dx-empty-without-padding",
        92: "dx-not-computed",
        93: "dx-kernel-rotated",
        94: "dx-of-the-last-filter",
        95: "dw-from-the-unpadded-image",
    },
)
rows(
    "max_pool2d_forward",
    {
        97: "last-of-the-window",
        98: "first-of-the-window",
        99: "mean",
        100: "minimum",
        102: "starts-at-zero",
        103: "over-all-maps",
        105: "sum",
        106: "stride-ignored",
        107: "windows-start-at-i-j",
        109: "size-rounded-up",
        110: "size-over-stride",
        111: "square-as-the-height",
    },
)
rows(
    "max_pool2d_backward",
    {
        114: "to-all-maxima",
        115: "to-all-maxima-overwriting to-all-maxima-and-overwritten",
        116: "spread-as-average-pooling",
        118: "to-the-smallest",
        119: "index-by-the-height",
        120: "divided-by-the-window",
        122: "upstream-ignored",
        123: "overwritten",
        124: "windows-start-at-i-j",
        125: "decided-by-the-first-map",
    },
)
rows("relu_backward", {127: "mask-missing", 128: "mask-on-dout"})
rows(
    "softmax_cross_entropy",
    {
        132: "no-maximum-subtracted",
        133: "one-maximum-for-all",
        134: "softmax-over-the-batch",
        135: "every-pair-summed every-pair-averaged",
        136: "summed-not-averaged loss-summed",
        138: "minus-forgotten",
        139: "softmax-twice",
        140: "epsilon-one-hundredth epsilon-1e-7",
        141: "gradient-without-the-minus-one",
    },
)
rows("numerical_gradient", {145: "in-float32"})
rows(
    "he_std",
    {
        147: "variance",
        148: "kernel-forgotten",
        149: "no-factor-two",
        150: "fixed",
        151: "always-one",
        154: "pytorchs-default",
    },
)
rows(
    "sgd_momentum_step",
    {
        143: "decay-doubled decay-halved",
        155: "uphill",
        156: "velocity-forgotten velocity-not-returned",
        157: "old-velocity-used",
        159: "learning-rate-in-the-velocity",
        160: "decay-reversed",
    },
)
rows(
    "dropout_forward",
    {
        164: "not-scaled",
        165: "scaled-at-test-too",
        167: "divided-by-p",
        168: "times-p",
        170: "active-at-test-time",
    },
)
rows(
    "local_response_norm",
    {172: "alpha-divided-by-size", 173: "k-always-1", 174: "neighbors-in-space square-forgotten"},
)
rows(
    "batch_norm2d_forward",
    {
        175: "every-image-on-its-own",
        176: "every-pixel-on-its-own",
        177: "no-square-root",
        178: "unbiased-in-both",
        179: "eps-outside-the-root",
        180: "momentum-exchanged",
        181: "batch-values-at-test",
        182: "running-values-not-moved",
        183: "running-standard-deviation",
        184: "gamma-and-beta-exchanged beta-before-gamma",
    },
)
rows(
    "BasicBlock",
    {
        188: "biases-kept",
        211: "projection-missing",
        213: "relu-before-the-addition relu-on-the-shortcut",
        214: "stacked",
    },
)
rows(
    "top_k_accuracy",
    {
        189: "worst-classes",
        190: "all-must-hit",
        191: "mean-over-the-guesses",
        193: "error-returned",
    },
)
rows("top5_error", {193: "accuracy-returned", 194: "top-4 top-6"})
rows("accuracy", {195: "mean-of-the-batches", 196: "best-image-of-each-class"})
rows("random_crop_flip", {199: "channels-reversed", 203: "one-crop-for-all one-draw-for-all"})
rows(
    "alexnet", {209: "flattened-pixel-by-pixel", 228: "first-not-padded", 185: "dropout-never-ends"}
)
rows("Inception", {215: "summed"})
rows("filter_grid", {222: "each-filter-on-its-own"})
rows(
    "top_patches", {224: "jump-ignored start-ignored start-subtracted", 225: "several-of-one-image"}
)
rows("locally_connected_forward", {226: "weights-shared"})

# Number -> why no exercise names it.
NOT_ASKED = {
    4: "shown in lecture 02: no exercise brightens an image",
    8: "shown: imshow's range is not a function's result",
    10: "shown in lecture 02: no exercise normalizes",
    15: "shown: no exercise makes an image gray",
    17: "shown: a leak is in the data, not in a function",
    37: "a word",
    52: "padding is one number here, the same for rows and columns",
    113: "the pooling exercises have no padding",
    129: "valid: a slope at exactly 0 may be either; such an answer passes",
    131: "ReLU's forward pass is no exercise; writing into an input is its own finding everywhere",
    144: "a look at a number, taken in lecture 08",
    146: "about the order of two checks",
    153: "about a network's weights, shown in lecture 13",
    161: "about which parameters an optimizer gets",
    162: "about the training loop",
    163: "about the training loop",
    171: "dropout's backward pass is the course's; the mask is what the exercise hands on",
    186: "about the training loop",
    187: "about the training loop",
    197: "about reading a table",
    198: "about reading a number",
    201: "about the data set",
    202: "about where augmentation is called",
    204: "writing into an input is its own finding in every exercise",
    206: "about one demonstration",
    207: "about one demonstration",
    208: "only alexnet has features to flatten, and there such an answer fails on two images",
    210: "about a training loss's shapes",
    217: "a claim",
    219: "the pooling exercises have no padding",
    220: "a claim",
    221: "a way of looking",
    223: "a way of looking",
    229: "about graders: this one compares with a tolerance",
}  # fmt: skip


@pytest.mark.parametrize("number", NAMED)
def test_a_listed_mistake_is_known_to_its_exercise(number):
    for exercise, slug in NAMED[number]:
        assert slug in EXERCISES[exercise].mistakes, f"{number}: {exercise} has no {slug}"


def test_no_row_is_left_out():
    assert len(NAMED) + len(NOT_ASKED) == LISTED
    assert not NAMED.keys() & NOT_ASKED.keys()
