"""Numbers and counts in words; kit.js says the same ones in the browser."""

from decimal import ROUND_HALF_UP, Decimal


def number_text(value: float) -> str:
    """Number as the widgets show it: two decimals, or one digit where these would hide it.

    Values below 5e-7 are rounding noise of float32 and shown as 0. Halves round away from zero,
    as in JavaScript.

    >>> [number_text(x) for x in (0.5, -0.125, 12.0, -0.004, 0.0004, 1e-9, 2.5e6)]
    ['0.5', '−0.13', '12', '−0.004', '4e−4', '0', '3e6']
    """
    size = Decimal(abs(float(value)))
    if size < Decimal("5e-7"):
        return "0"
    text = _one_digit(size) if size < Decimal("0.005") or size >= 10**6 else _plain(size)
    return ("−" if value < 0 else "") + text


def _plain(size: Decimal) -> str:
    rounded = size.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded:f}".rstrip("0").rstrip(".")


def _one_digit(size: Decimal) -> str:
    exponent = size.adjusted()
    digit = int(size.scaleb(-exponent).quantize(Decimal(1), ROUND_HALF_UP))
    if digit == 10:
        digit, exponent = 1, exponent + 1
    return f"0.00{digit}" if exponent == -3 else f"{digit}e{exponent}".replace("-", "−")


def count_text(number: int, noun: str) -> str:
    """Count with its noun, plural where due.

    >>> count_text(1, "row"), count_text(2, "row")
    ('1 row', '2 rows')
    """
    return f"{number} {noun}" + ("" if number == 1 else "s")
