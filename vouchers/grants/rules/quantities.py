"""Exact quantities from texts and whole numbers. A float is refused: it may already have lost digits."""

import re
from fractions import Fraction
from typing import Any

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?", re.ASCII)
_PARTS = re.compile(r"([0-9]{1,9})/([1-9][0-9]{0,8})", re.ASCII)
_YUAN = re.compile(r"(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,2})?", re.ASCII)
LARGEST_WHOLE = 10**15


class Fault(ValueError):
    """One value that cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text(raw: Any) -> str:
    """A text that says something."""
    if not isinstance(raw, str):
        raise Fault("not_a_text")
    if not raw.strip():
        raise Fault("missing")
    return raw


def texts(raw: Any) -> frozenset[str]:
    """A list of texts, each of them said once."""
    if not isinstance(raw, list) or not all(isinstance(each, str) and each for each in raw):
        raise Fault("not_a_list_of_texts")
    return frozenset(raw)


def whole(raw: Any) -> int:
    """A whole number, not below zero."""
    if isinstance(raw, str) and re.fullmatch(r"0|[1-9][0-9]{0,14}", raw, re.ASCII):
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Fault("not_a_whole_number")
    if not 0 <= raw <= LARGEST_WHOLE:
        raise Fault("out_of_range")
    return raw


def number(raw: Any) -> Fraction:
    """An exact number such as "2.5", "1/3" or 2."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return Fraction(whole(raw))
    if not isinstance(raw, str):
        raise Fault("not_an_exact_number")
    parts = _PARTS.fullmatch(raw)
    if parts:
        return Fraction(int(parts[1]), int(parts[2]))
    if not _DECIMAL.fullmatch(raw):
        raise Fault("not_an_exact_number")
    return Fraction(raw)


def share(raw: Any) -> Fraction:
    """A share such as "30%", "0.3", "3/10" or 1: from 0 to 1."""
    if isinstance(raw, str) and raw.endswith("%") and _DECIMAL.fullmatch(raw[:-1]):
        value = Fraction(raw[:-1]) / 100
    else:
        try:
            value = number(raw)
        except Fault as fault:
            raise Fault("not_a_share") from fault
    if value > 1:
        raise Fault("above_whole")
    return value


def fen(raw: Any) -> int:
    """An amount in yuan, "1234.56" or 1234, as whole fen."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return whole(raw) * 100
    if not isinstance(raw, str) or not _YUAN.fullmatch(raw):
        raise Fault("not_an_amount")
    return int(Fraction(raw) * 100)
