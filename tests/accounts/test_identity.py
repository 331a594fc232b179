"""Keys of humans."""

import pytest

from accounts.rules import identity

NUMBER = "11010519491231002X"
"""The example of GB 11643-1999."""


def test_equal_numbers_give_equal_keys_whatever_the_spelling() -> None:
    key = identity.person_key(NUMBER, "secret")

    assert identity.person_key(" １１０１０５１９４９１２３１００２ｘ", "secret") == key
    assert len(key) == 64


def test_key_depends_on_the_secret_and_hides_the_number() -> None:
    key = identity.person_key(NUMBER, "secret")

    assert identity.person_key(NUMBER, "another") != key
    assert NUMBER not in key


@pytest.mark.parametrize(
    "wrong", ["", "110105194912310021", "01010519491231002X", "11010519491331002X", "1101051949"]
)
def test_wrong_number_is_refused(wrong: str) -> None:
    with pytest.raises(identity.InvalidIdentityNumber):
        identity.person_key(wrong, "secret")
