"""How payees are named in what everybody may read: organizations in full, natural persons not.

Grants to organizations are public (政府信息公开条例, 2019, article 20); personal information is not (个人信息保护法,
2021, articles 6 and 28). A firm that bears its legal representative's name, or an individual business (个体工商户,
category 2 of GB 32100-2015), would name a person.
"""

HIDDEN = "＊"
INDIVIDUAL = "2"
"""Second symbol of the credit code of an individual business."""
KEPT_BEFORE, KEPT_BEHIND = 4, 2


def payee_name(*, name: str, credit_code: str, legal_person: str) -> str:
    """The name as published; each hidden character is one sign, so that its length stays.

    Of the representative's name the first character stays. An individual business that does not show it keeps
    its first four characters, mostly the place, and the last two, mostly the trade; of six or fewer the outer two.
    """
    person = legal_person.strip()
    if len(person) > 1 and person in name:
        return name.replace(person, person[0] + HIDDEN * (len(person) - 1))
    if credit_code[1:2] != INDIVIDUAL:
        return name
    is_short = len(name) <= KEPT_BEFORE + KEPT_BEHIND
    before, behind = (1, 1) if is_short else (KEPT_BEFORE, KEPT_BEHIND)
    hidden = max(len(name) - before - behind, 1)
    return name[:before] + HIDDEN * hidden + name[before + hidden :]
