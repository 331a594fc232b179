"""What a provider sees of a voucher: enough to recognize its own line, too little to use it."""


def masked(code: str) -> str:
    """`VC-7KQ4-M2XD` as `VC-••••-••XD`; the hyphens and the last two symbols stay."""
    prefix, _hyphen, rest = code.partition("-")
    hidden = "".join(symbol if symbol == "-" else "•" for symbol in rest[:-2])
    return f"{prefix}-{hidden}{rest[-2:]}"
