from hypothesis import given
from hypothesis import strategies as st

from assistant.learning import codes


def test_a_code_is_read_back_however_it_is_typed():
    for _ in range(50):
        code = codes.make()
        letters = codes.read(code)
        assert letters is not None
        assert codes.read(code.lower().replace(" ", "-")) == letters
        assert codes.read(letters.replace("1", "l").replace("0", "O")) == letters


@given(st.text(max_size=300))
def test_what_is_read_is_a_code_or_nothing(typed):
    found = codes.read(typed)
    assert found is None or (len(found) == codes.LENGTH and set(found) <= set(codes.ALPHABET))


def test_a_code_cannot_be_read_from_what_is_kept():
    letters = codes.read(codes.make())
    kept = codes.kept(letters, "secret")
    assert letters not in kept.upper()
    assert kept != codes.kept(letters, "another")


def test_two_codes_differ():
    assert len({codes.make() for _ in range(1000)}) == 1000
