"""Traits that answer bad input with one sentence and keep what they had."""

from typing import Any

import numpy as np
import traitlets


class Forgiving(traitlets.TraitType):
    """Trait that never raises: a bad value leaves a sentence in the owner's `problem`."""

    def read(self, value: Any) -> Any:
        """Value as it is kept; raises ValueError with one sentence."""
        raise NotImplementedError

    def validate(self, owner: traitlets.HasTraits, value: Any) -> Any:
        """Value as it is kept, or the one before it when this one cannot be drawn."""
        try:
            kept = self.read(value)
        except ValueError as error:
            owner.complain(self.name, f"{self.name} {error}. The picture keeps what it had.")
            return owner._trait_values.get(self.name, self.default_value)
        owner.complain(self.name, "")
        return kept


class Whole(Forgiving):
    """Whole number from `low` to `high`, both allowed."""

    def __init__(self, low: int, high: int, **keywords: Any) -> None:
        super().__init__(low, **keywords)
        self.low, self.high = low, high

    def read(self, value: Any) -> int:
        """Whole number within the limits; raises ValueError."""
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if not whole or not self.low <= value <= self.high:
            raise ValueError(
                f"is {value!r}; this picture takes a whole number from {self.low} to {self.high}"
            )
        return int(value)


class Number(Forgiving):
    """One finite number; an array of one element will do."""

    def read(self, value: Any) -> float:
        """Plain float; raises ValueError."""
        array = _numbers(value)
        if array.size != 1 or not np.isfinite(array).all():
            raise ValueError(f"is {value!r}; this picture takes one finite number")
        return float(np.asarray(value, np.float64).item())


class Between(Number):
    """One finite number from `low` to `high`, both allowed."""

    def __init__(self, low: float, high: float, default: float, **keywords: Any) -> None:
        super().__init__(default, **keywords)
        self.low, self.high = low, high

    def read(self, value: Any) -> float:
        """Plain float within the limits; raises ValueError."""
        number = super().read(value)
        if not self.low <= number <= self.high:
            raise ValueError(
                f"is {value!r}; this picture takes a number from {self.low} to {self.high}"
            )
        return number


class Choice(Forgiving):
    """One of a few words; the first is the default."""

    def __init__(self, *words: str, **keywords: Any) -> None:
        super().__init__(words[0], **keywords)
        self.words = words

    def read(self, value: Any) -> str:
        """The word; raises ValueError."""
        if not isinstance(value, str) or value not in self.words:
            offered = " or ".join(map(repr, self.words))
            raise ValueError(f"is {value!r}; this picture takes {offered}")
        return value


class Array(Forgiving):
    """Array of finite numbers, kept as float32; travels as bytes.

    largest: the greatest shape, one limit an axis, for example (4, 16, 16).
    """

    def __init__(self, largest: tuple[int, ...], **keywords: Any) -> None:
        empty = np.zeros((0,) * len(largest), np.float32)
        super().__init__(empty, **keywords)
        self.largest = largest
        self.tag(sync=True, to_json=pack, from_json=unpack)

    def read(self, value: Any) -> np.ndarray:
        """Contiguous float32 copy; raises ValueError."""
        array = _numbers(value)
        self._require_shape(array.shape)
        if not np.isfinite(array).all():
            bad = int((~np.isfinite(array)).sum())
            raise ValueError(
                f"holds {bad} value{'s' * (bad > 1)} that cannot be drawn (nan, infinite or "
                "beyond float32): replace them, for example with numpy.nan_to_num"
            )
        return array

    def _require_shape(self, shape: tuple[int, ...]) -> None:
        limits = "×".join(map(str, self.largest))
        if len(shape) != len(self.largest):
            wanted = f"expected {len(self.largest)} axes, at most {limits}"
            raise ValueError(f"has shape {shape}; {wanted}")
        if 0 in shape:
            raise ValueError(f"is empty, its shape is {shape}; give at least one number an axis")
        if any(n > most for n, most in zip(shape, self.largest, strict=True)):
            raise ValueError(f"has shape {shape}; this picture draws at most {limits}: pass a crop")


def _numbers(value: Any) -> np.ndarray:
    try:
        if np.iscomplexobj(value):
            raise ValueError("they are complex")
        with np.errstate(over="ignore"):
            return np.array(value, dtype=np.float32, order="C")
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"could not be read as numbers: {str(error).rstrip(chr(46))}") from None


def pack(array: np.ndarray, _owner: Any = None) -> dict[str, Any]:
    """Array as it travels to the browser: shape, dtype and bytes."""
    data = memoryview(np.ascontiguousarray(array)).cast("B") if array.size else b""
    return {"shape": list(array.shape), "dtype": str(array.dtype), "data": data}


def unpack(parcel: dict[str, Any] | None, _owner: Any = None) -> np.ndarray | None:
    """Array out of what the browser sent; the inverse of `pack`."""
    if parcel is None:
        return None
    return np.frombuffer(parcel["data"], parcel["dtype"]).reshape(parcel["shape"])
