"""The numbers that an English text states, in digits or in words."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation

import regex

_UNITS = ["two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {word: n for n, word in enumerate(["one", *_UNITS, *_TEENS], 1)} | {
    word: 10 * n for n, word in enumerate(_TENS, 2)
}
_SCALES = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "bn": 10**9,
    "m": 10**6,
}
_MOST_DIGITS = 24  # Decimal would round longer ones
_SCALE = "(?:dozen|hundred|thousand|million|billion|trillion)"
_ORDINAL = r"(?:first|second|quarters?|(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth|thousandth)s?)"

# "one" by itself is left out, for it is seldom a number, and so are parts of names ("F16", "Covid-19"), fractions
# ("two-thirds") and ordinals ("twenty-first").
_NUMBER = regex.compile(
    rf"""(?:
      (?P<digits>(?<![\p{{L}}\d])(?<!(?<!\d)[-‑])(?<!\d[.,:])\d+(?:[.,:]\d+)*)
      | \b(?P<words>(?:{"|".join(_TENS)})(?:-(?:one|{"|".join(_UNITS)})|\s+(?:one|{"|".join(_UNITS)})(?!-)))\b
      | \b(?P<words>{"|".join([*_TENS, *_TEENS, *_UNITS])})\b
      | \b(?P<whole>one|(?<!\bof\s)an?|(?P<half>half\s+an?))(?=\s+{_SCALE}\b)
      | \b(?P<whole>one)(?=\s+and\s+a\s+half\b)
      | \b(?P<whole>one)\b(?<=\b{_SCALE}\s+and\s+one)(?!-)
    )
    (?![\s-]+{_ORDINAL}\b)
    (?P<and_a_half>\s+and\s+a\s+half\b)?
    (?:(?<=\d)\s?(?P<scale>bn)\b|(?<=\d)(?P<scale>m)\b|(?:[\s-]+(?P<scale>{_SCALE})\b){{1,2}})?""",
    regex.IGNORECASE | regex.VERBOSE,
)
_JOINT = regex.compile(r"\s+(?:and\s+)?", regex.IGNORECASE)


def numbers(text: str) -> dict[str, str]:
    """Return the numbers of a text, by what they are written as in digits.

    >>> numbers("Twenty-one of 1,200 left, two by 3.50 km")
    {'21': 'Twenty-one', '1200': '1,200', '2': 'two', '3.5': '3.50'}
    >>> numbers("two hundred and fifty thousand, or 1.5 million")
    {'250000': 'two hundred and fifty thousand', '1500000': '1.5 million'}
    """
    found: list[tuple[str, int, int]] = []
    total = last = Decimal(0)  # the number so far, and what its last words add
    scale = 0  # that its last words end with; 0 where nothing can follow
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        digits = match["digits"]
        scales = [_SCALES[word.lower()] for word in match.captures("scale")]
        before, scale = scale, 0
        if digits and scales and match["scale"] in "mM" and text[max(start - 1, 0)] not in "$£€":
            continue  # millions or metres
        base = _base(match)
        if base is None:
            found.append((digits, start, end))
            continue
        value = base * math.prod(scales)
        follows = before >= 100 and not digits and _JOINT.fullmatch(text, found[-1][2], start)
        if follows and value < before:  # two thousand | five hundred
            total, last, start = total + value, value, found.pop()[1]
        elif (
            follows and before == 100 and base < 100 and scales and scales[0] > 100
        ):  # two hundred | fifty thousand
            value = (last + base) * math.prod(scales)
            total, last, start = total - last + value, value, found.pop()[1]
        else:
            total = last = value
        found.append((_written(total), start, end))
        scale = scales[-1] if scales and not digits else 0
    shown: dict[str, str] = {}
    for key, start, end in found:
        shown.setdefault(key, text[start:end])
    return shown


def _base(match: regex.Match[str]) -> Decimal | None:
    """Return what stands before "hundred" and the like; None for a time, a date or a very long number."""
    if match["digits"]:
        digits = regex.sub(r",(?=\d{3}\b)", "", match["digits"])
        try:
            base = Decimal(digits) if len(digits) <= _MOST_DIGITS else None
        except InvalidOperation:
            return None
    elif match["half"]:
        base = Decimal("0.5")
    elif match["whole"]:
        base = Decimal(1)
    else:
        base = Decimal(sum(_VALUES[word] for word in regex.split(r"[\s-]+", match["words"].lower())))
    return base + Decimal("0.5") if base is not None and match["and_a_half"] else base


def _written(value: Decimal) -> str:
    """Return a number in digits, without zeros that say nothing.

    >>> _written(Decimal("5.0")), _written(Decimal("1.5") * 10**6)
    ('5', '1500000')
    """
    digits = format(value, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
