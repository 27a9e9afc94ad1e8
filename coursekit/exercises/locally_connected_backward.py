"""Exercise of lecture 06: the gradients of a layer that shares no weights."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from coursekit import layers
from coursekit.exercises.chunks import added_at, starts, written_at
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import alternating, counted, halves
from coursekit.exercises.locally_connected import (
    LAYERS,
    chunks_of,
    sizes_of_weights,
    small_layers,
)
from coursekit.exercises.parts import Parts
from coursekit.exercises.properties import constant_ratio, contrast, expects, part, which_parts

Array = np.ndarray


def locally_connected_backward(
    dout: np.ndarray, x: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of a locally connected layer by input, weights and biases.

    dout: gradient of the loss by the output of locally_connected_forward(x, w, b), (N, F, H', W').
    x: images (N, C, H, W). w: (F, H', W', C, kH, kW), the weights of neuron (f, i, j) are
    w[f, i, j]. Returns (dx, dw, db), floats shaped as x, w and b, which is (F, H', W'). A weight
    was used at one place only, once for each image; a pixel by every neuron whose window reads it.
    dout, x and w stay as they are.

    >>> x, w = np.full((1, 1, 2, 2), 3.0), np.ones((1, 2, 2, 1, 1, 1))
    >>> dx, dw, db = locally_connected_backward(np.ones((1, 1, 2, 2)), x, w)
    >>> dw.ravel()  # the one weight of a convolution would get 12
    array([3., 3., 3., 3.])
    """
    return layers.locally_connected_backward(dout, x, w)


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for group, several in LAYERS.items():
        for image, filters in several:
            shape = sizes_of_weights(image, *filters)
            dout = halves(rng, image[0], *shape[:3])
            cases.append(Case(group, (dout, halves(rng, *image), halves(rng, *shape))))
    return cases + _PARTS.alone(cases[-4:-2])


def _small_cases() -> Iterator[Case]:
    for image, shape in small_layers():
        dout = counted(image[0], *shape[:3]) + 1
        yield Case("small", (dout, counted(*image), alternating(*shape)))


# --- known mistakes ----------------------------------------------------------------------------

Part = Callable[[Array, Array, Array], Any]  # (dout, x, w) -> one gradient
Gradients = tuple[Any, Any, Any]


def _shares(dout: Array, w: Array) -> Array:
    """What each neuron hands to its pixels: (N, C, H', W', kH, kW)."""
    return np.einsum("nfhw,fhwcuv->nchwuv", dout, w)


def _dx_by(
    hand: Callable[[Array, Array], Array] = _shares, spread: Callable[..., Array] = added_at
) -> Part:
    def dx(dout: Array, x: Array, w: Array) -> Array:
        sizes = zip(x.shape[2:], w.shape[4:], strict=True)
        rows, columns = (starts(n, k) for n, k in sizes)
        return spread(x.shape, hand(dout, w), rows, columns)

    return dx


def _dw(dout: Array, x: Array, w: Array) -> Array:
    return np.einsum("nfhw,nchwuv->fhwcuv", dout, chunks_of(x, w))


def _db(dout: Array, x: Array, w: Array) -> Array:
    return dout.sum(axis=0)


_DX = _dx_by()


def _gradients(
    dx: Part = _DX,
    dw: Part = _dw,
    db: Part = _db,
    finish: Callable[[Gradients], Gradients] = tuple,
) -> Callable[..., Gradients]:
    """A backward pass of which one part or another is wrong."""

    def locally_connected_backward(dout: Array, x: Array, w: Array) -> Gradients:
        return finish((dx(dout, x, w), dw(dout, x, w), db(dout, x, w)))

    return locally_connected_backward


def _changed(gradient: Part, change: Callable[[Array], Any]) -> Part:
    return lambda dout, x, w: change(gradient(dout, x, w))


def _of_image(gradient: Part, n: int) -> Part:
    one = slice(n, n + 1 or None)
    return lambda dout, x, w: gradient(dout[one], x[one], w)


def _per_image(gradient: Part) -> Part:
    return lambda dout, x, w: gradient(dout, x, w) / len(x)


def _as_if_ones(gradient: Part) -> Part:
    return lambda dout, x, w: gradient(np.ones_like(dout), x, w)


def _over_places(gradient: Array) -> Array:
    """Summed over H' and W', as for shared weights."""
    return gradient.sum(axis=(1, 2))


def _over_places_everywhere(gradient: Array) -> Array:
    return gradient.sum(axis=(1, 2), keepdims=True) + 0 * gradient


def _of_filter(f: int) -> Callable[[Array, Array], Array]:
    one = slice(f, f + 1 or None)
    return lambda dout, w: _shares(dout[:, one], w[one])


def _same_everywhere(dout: Array, w: Array) -> Array:
    return _shares(dout, np.broadcast_to(w[:, :1, :1], w.shape))


_SHARED = "How many places used this weight? And in a convolution?"
_FED = "One input pixel fed several neurons. Which gradients should it receive?"
_MAPS = "How many maps looked at this pixel? Did each send its gradient back?"
_BATCH = "Who else used this weight: how many images are there?"
_RATIO = "Is the ratio to the numerical gradient constant? Which constant?"
_UPSTREAM = "Give it a dout of zeros. What should every gradient be?"
_BIAS = "Which shape has b? To how many outputs of one image was b[f, i, j] added?"
MISTAKES = {
    "shared-as-in-a-convolution": Mistake(
        _gradients(dw=_changed(_dw, _over_places), db=_changed(_db, _over_places)),
        "dw and db are summed over the places, as if the weights were shared",
        _SHARED,
    ),
    "dw-shared": Mistake(
        _gradients(dw=_changed(_dw, _over_places)),
        "dw is summed over the places, as if the weights were shared",
        _SHARED,
    ),
    "dw-shared-everywhere": Mistake(
        _gradients(dw=_changed(_dw, _over_places_everywhere)),
        "each place's dw is the sum over all places",
        _SHARED,
    ),
    "shared-everywhere": Mistake(
        _gradients(
            dw=_changed(_dw, _over_places_everywhere), db=_changed(_db, _over_places_everywhere)
        ),
        "each place's dw and db are the sums over all places",
        _SHARED,
    ),
    "db-shared": Mistake(
        _gradients(db=_changed(_db, _over_places)),
        "db is summed over the places, as if the biases were shared",
        _BIAS,
    ),
    "db-by-image": Mistake(
        _gradients(db=lambda dout, x, w: dout.copy()), "db is not summed over the images", _BIAS
    ),
    "db-not-computed": Mistake(
        _gradients(db=_changed(_db, np.zeros_like)), "db stays 0", "Does b influence the loss?"
    ),
    "db-of-the-last-image": Mistake(
        _gradients(db=_of_image(_db, -1)), "each image overwrites db", _BATCH
    ),
    "dw-of-the-last-image": Mistake(
        _gradients(dw=_of_image(_dw, -1)), "each image overwrites dw", _BATCH
    ),
    "parameters-of-the-last-image": Mistake(
        _gradients(dw=_of_image(_dw, -1), db=_of_image(_db, -1)),
        "each image overwrites dw and db",
        _BATCH,
    ),
    "parameters-of-the-first-image": Mistake(
        _gradients(dw=_of_image(_dw, 0), db=_of_image(_db, 0)),
        "only the first image counts in dw and db",
        _BATCH,
    ),
    "dw-rotated": Mistake(
        _gradients(dw=_changed(_dw, lambda dw: dw[..., ::-1, ::-1])),
        "dw is rotated by 180°",
        "Compare dw[0, 0, 0] with finite differences, tap by tap. Is each number at its place?",
    ),
    "dw-without-dout": Mistake(
        _gradients(dw=_as_if_ones(_dw)), "dw takes every dout to be 1", _UPSTREAM
    ),
    "dw-not-computed": Mistake(
        _gradients(dw=_changed(_dw, np.zeros_like)), "dw stays 0", "Does w influence the loss?"
    ),
    "dx-overwritten": Mistake(
        _gradients(dx=_dx_by(_of_filter(-1), written_at)),
        "each neuron overwrites dx instead of adding to it",
        _FED,
    ),
    "dx-overwritten-by-places": Mistake(
        _gradients(dx=_dx_by(spread=written_at)),
        "each place overwrites dx instead of adding to it",
        _FED,
    ),
    "dx-of-the-last-map": Mistake(
        _gradients(dx=_dx_by(_of_filter(-1))), "only the last map sends its gradient to dx", _MAPS
    ),
    "dx-of-the-first-map": Mistake(
        _gradients(dx=_dx_by(_of_filter(0))), "only the first map sends its gradient to dx", _MAPS
    ),
    "dx-kernel-rotated": Mistake(
        _gradients(dx=_dx_by(lambda dout, w: _shares(dout, w[..., ::-1, ::-1]))),
        "each set of weights is rotated by 180° in dx",
        "Add dout · w where you read x. Does that need a flip?",
    ),
    "dx-with-shared-weights": Mistake(
        _gradients(dx=_dx_by(_same_everywhere)),
        "the weights of place (0, 0) are used everywhere in dx",
        "Through which weights did the neuron at place (1, 1) see this pixel?",
    ),
    "dx-without-weights": Mistake(
        _gradients(dx=_dx_by(lambda dout, w: _shares(dout, np.ones_like(w)))),
        "dout is handed to the pixels without being multiplied by the weights",
        "A pixel was multiplied by a weight. How much does the output change with it?",
    ),
    "dx-not-computed": Mistake(
        _gradients(dx=_changed(_DX, np.zeros_like)),
        "dx stays 0",
        "Which layer is below this one? What does it learn from a gradient of 0?",
    ),
    "all-divided-by-the-batch": Mistake(
        _gradients(_per_image(_DX), _per_image(_dw), _per_image(_db)),
        "every gradient is divided by the number of images",
        _RATIO,
    ),
    "parameters-divided-by-the-batch": Mistake(
        _gradients(dw=_per_image(_dw), db=_per_image(_db)),
        "dw and db are divided by the number of images",
        _RATIO,
    ),
    "dout-ignored": Mistake(
        _gradients(_as_if_ones(_DX), _as_if_ones(_dw), _as_if_ones(_db)),
        "every dout is taken to be 1",
        _UPSTREAM,
    ),
    "dw-first": Mistake(
        _gradients(finish=lambda all_three: (all_three[1], all_three[0], all_three[2])),
        "dw is returned before dx",
        "In which order are the three gradients asked for?",
    ),
}

# --- what can be seen of a bug that nobody listed ----------------------------------------------

NAMES = ("dx", "dw", "db")
_PARTS = Parts(*NAMES)
_X, _W = counted(2, 2, 3, 4) - 20, alternating(2, 2, 3, 2, 2, 2)


def _case(x: Array, w: Array) -> Case:
    return Case("", (alternating(len(x), *w.shape[:3]) + 2, x, w))


def _row(dout: list[float]) -> Case:
    """The image [1, 2, 3] under the kernels [5, 7] and [11, 13]."""
    x = np.array([[[[1.0, 2.0, 3.0]]]])
    w = np.array([[5.0, 7.0], [11.0, 13.0]]).reshape(1, 1, 2, 1, 1, 2)
    return Case("", (np.array([[[dout]]]), x, w))


_UNDER = "The image [1, 2, 3] under the weights [5, 7] and [11, 13], with dout = [1, 1]:"
LOCALLY_CONNECTED_BACKWARD = Exercise(
    name="locally_connected_backward",
    lecture="06_backpropagation",
    points=3,
    reference=locally_connected_backward,
    cases=_cases,
    agrees=_PARTS.agrees,
    alike=_PARTS.agrees,
    draw=_PARTS.draw,
    mistakes=MISTAKES,
    properties=(
        *(
            expects(f"no-gradient-{name}", _row([0.0, 0.0]), f"With dout = 0, {name} is 0", part(k))
            for k, name in enumerate(NAMES)
        ),
        *(
            constant_ratio((_case(_X, _W), _case(_X[:1], _W)), part(k), name)
            for k, name in enumerate(NAMES)
        ),
        expects(
            "two-outputs-dx",
            _row([1.0, 1.0]),
            f"{_UNDER} the middle pixel receives 7 from the first neuron and 11 from the second",
            part(0),
        ),
        expects(
            "two-outputs-dw",
            _row([1.0, 1.0]),
            f"{_UNDER} dw holds each neuron's own window, [1, 2] and [2, 3]",
            part(1),
        ),
        expects(
            "two-outputs-db", _row([2.0, 3.0]), "With dout = [2, 3] each bias has its own", part(2)
        ),
        contrast(
            "channels",
            _case(_X[:1, :1], _W[:1, :, :, :1]),
            _case(_X[:1], _W[:1]),
            "With one channel your gradients are right, with two they are not.",
            right_for=lambda x, **_: x.shape[1] == 1,
        ),
        contrast(
            "maps",
            _case(_X[:1], _W[:1]),
            _case(_X[:1], _W),
            "With one map your gradients are right, with two they are not.",
            right_for=lambda w, **_: len(w) == 1,
        ),
        contrast(
            "batch",
            _case(_X[:1], _W),
            _case(_X, _W),
            "For one image your gradients are right, for two they are not.",
            right_for=lambda x, **_: len(x) == 1,
        ),
        which_parts(_case(_X, _W), NAMES),
    ),
    smallest=_small_cases,
)
