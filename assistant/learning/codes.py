"""Codes that a reader can read over the phone: made from chance, kept only as a keyed hash."""

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nothing is mistaken for a figure."""
LENGTH = 16
"""Letters of a code: 5 bits each, 80 in all."""
_READ = str.maketrans({"I": "1", "L": "1", "O": "0"})


def make() -> str:
    """A new code, in groups of four."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return " ".join(letters[i : i + 4] for i in range(0, LENGTH, 4))


def read(typed: str) -> str | None:
    """The code that was typed, in its one form; None if it cannot be one.

    >>> read("abcd-efgh 1jkm lllo")
    'ABCDEFGH1JKM1110'
    """
    letters = "".join(char for char in typed.upper()[:100] if char.isalnum()).translate(_READ)
    return letters if len(letters) == LENGTH and all(char in ALPHABET for char in letters) else None


def kept(letters: str, secret: str) -> str:
    """What is kept in place of a code."""
    return hashlib.blake2b(letters.encode(), key=hashlib.sha256(secret.encode()).digest(), digest_size=20).hexdigest()
