"""Certificates: signed over every field that they show, and the register of those that were issued.

A certificate is an Open Badges 3.0 credential (1EdTech, 2024) in its JSON Web Token form, signed with Ed25519 (RFC 8037).
The learner's name is in the credential alone: the register keeps a keyed hash of it.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from assistant.errors import InputError, StoreFault
from assistant.learning.store import Store

CONTEXT = ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")


@dataclass(frozen=True)
class Shown:
    """Every field that a certificate shows. All of them are signed."""

    name: str
    course: str
    modules: str
    """Each module and its version."""
    guidance: str
    """Each source that the course rests on, and its edition."""
    issued: str
    """ISO 8601."""
    issuer: str
    code: str
    link: str
    """Where the certificate can be checked."""

    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """The fields as a paper shows them: name, label, value."""
        return tuple((name, label, getattr(self, name)) for name, label in LABELS.items())


LABELS = {
    "name": "Name",
    "course": "Course",
    "modules": "Modules",
    "guidance": "Rests on",
    "issued": "Issued on",
    "issuer": "Issued by",
    "code": "Code",
    "link": "Check it at",
}
"""Labels of the fields on paper, in their order."""
TITLE = "Certificate"


@dataclass(frozen=True)
class Entry:
    """What the register holds of one certificate."""

    course: str
    modules: str
    guidance: str
    issued: str
    editions: Mapping[str, str]
    """Edition of each source, by source id, as it was when the certificate was issued."""
    revoked: bool = False


def credential(shown: Shown) -> dict[str, Any]:
    """The fields as an Open Badges 3.0 credential."""
    return {
        "@context": list(CONTEXT),
        "id": shown.link,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": shown.course,
        "issuer": {"id": shown.link.partition("/certificate/")[0], "type": ["Profile"], "name": shown.issuer},
        "validFrom": datetime.combine(date.fromisoformat(shown.issued), time(), UTC).isoformat().replace("+00:00", "Z"),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [{"type": "IdentityObject", "identityType": "name", "hashed": False, "identityHash": shown.name}],
            "achievement": {
                "id": f"{shown.link}/course",
                "type": ["Achievement"],
                "name": shown.course,
                "description": shown.guidance,
                "criteria": {"narrative": shown.modules},
                "humanCode": shown.code,
            },
        },
    }


def shown_in(claims: Mapping[str, Any]) -> Shown:
    """The fields of a credential.

    Raises:
        InputError: it is no credential of this kind.
    """
    try:
        subject = claims["credentialSubject"]
        achievement = subject["achievement"]
        return Shown(
            name=subject["identifier"][0]["identityHash"],
            course=achievement["name"],
            modules=achievement["criteria"]["narrative"],
            guidance=achievement["description"],
            issued=claims["validFrom"][:10],
            issuer=claims["issuer"]["name"],
            code=achievement["humanCode"],
            link=claims["id"],
        )
    except (KeyError, TypeError, IndexError):
        raise InputError("This is not a certificate of this site.") from None


def verify(token: str, keys: Mapping[str, Any]) -> Shown:
    """The fields of a token that one of the keys of a JSON Web Key Set signed.

    Raises:
        InputError: it was altered, or another service signed it.
    """
    try:
        known = {key.key_id: key for key in jwt.PyJWKSet.from_dict(dict(keys)).keys} if keys.get("keys") else {}
        key = known.get(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            raise InputError("This certificate was not signed by a key that is known here.")
        return shown_in(jwt.decode(token, key, algorithms=["EdDSA"], options={"verify_nbf": False}))
    except jwt.PyJWTError:
        raise InputError("The signature does not fit: this certificate was altered, or is not one of ours.") from None


def digest(code: str) -> str:
    """What is kept in place of a certificate's code, and stands on the list of revoked ones."""
    return hashlib.sha256(code.encode()).hexdigest()


class Keys:
    """The signing keys of one service, in a folder of its own. The newest private key signs; every public key verifies.

    Making a key raises `StoreFault` where the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        """Make a key if there is none."""
        if not self._private():
            self._new()

    def rotate(self) -> str:
        """Sign with a new key from now on. Certificates signed before stay verifiable. Returns the new key's id."""
        old = self._private()
        kid = self._new()
        for path in old:
            path.unlink()
        return kid

    def sign(self, shown: Shown) -> str:
        """The certificate as a signed token."""
        self.make()
        path = self._private()[-1]
        key = load_pem_private_key(path.read_bytes(), None)
        body = credential(shown)
        claims = {**body, "iss": body["issuer"]["id"], "jti": body["id"], "nbf": int(datetime.fromisoformat(body["validFrom"]).timestamp())}
        return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": path.stem})  # type: ignore[arg-type]

    def public(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517)."""
        keys = []
        for path in sorted(self._folder.glob("*.pub")):
            key = load_pem_public_key(path.read_bytes())
            assert isinstance(key, Ed25519PublicKey)  # noqa: S101 - only such keys are made here
            keys.append({**json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key)), "kid": path.stem, "alg": "EdDSA", "use": "sig"})
        return {"keys": keys}

    def _private(self) -> list[Path]:
        return sorted(self._folder.glob("*.key"), key=lambda path: (path.stat().st_mtime_ns, path.name))

    def _new(self) -> str:
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        kid = hashlib.sha256(public).hexdigest()[:16]
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(f"{kid}.pub", public)
            self._write(f"{kid}.key", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        except OSError as fault:
            raise StoreFault(f"The folder of keys {self._folder} cannot be written: {fault.strerror}.") from fault
        return kid

    def _write(self, name: str, content: bytes) -> None:
        aside = self._folder / f".{name}-{os.getpid()}"
        aside.write_bytes(content)
        aside.chmod(0o600)
        aside.replace(self._folder / name)


class Register:
    """Certificates that were issued: no name, and nothing that leads to one."""

    def __init__(self, path: Path) -> None:
        self._store = Store(path)

    def enter(self, code: str, shown: Shown, editions: Mapping[str, str], secret: str) -> bool:
        """Keep one certificate under the hash of its code. Returns whether it now stands there with this name."""
        entry = Entry(shown.course, shown.modules, shown.guidance, shown.issued, dict(editions))
        row = (digest(code), name_hash(shown.name, code, secret), json.dumps(asdict(entry)), datetime.now(UTC).isoformat())
        with self._store.write() as connection:
            connection.execute("INSERT OR IGNORE INTO certificate (code, name, shown, issued) VALUES (?, ?, ?, ?)", row)
            (held,) = connection.execute("SELECT name FROM certificate WHERE code = ?", row[:1]).fetchone()
            return hmac.compare_digest(held, row[1])

    def find(self, code: str) -> Entry | None:
        """What is held of a certificate."""
        with self._store.open() as connection:
            row = connection.execute("SELECT shown, revoked FROM certificate WHERE code = ?", (digest(code),)).fetchone()
            return Entry(**{**json.loads(row[0]), "revoked": row[1] is not None}) if row else None

    def names(self, code: str, name: str, secret: str) -> bool:
        """Whether a certificate was made out to that name."""
        with self._store.open() as connection:
            row = connection.execute("SELECT name FROM certificate WHERE code = ?", (digest(code),)).fetchone()
            return row is not None and hmac.compare_digest(row[0], name_hash(name, code, secret))

    def revoke(self, code: str) -> bool:
        """Put a certificate on the list of revoked ones. Returns whether there is one."""
        with self._store.write() as connection:
            row = (datetime.now(UTC).isoformat(), digest(code))
            return connection.execute("UPDATE certificate SET revoked = ? WHERE code = ?", row).rowcount > 0

    def revoked(self) -> list[str]:
        """Hashes of the codes of revoked certificates."""
        with self._store.open() as connection:
            return [code for (code,) in connection.execute("SELECT code FROM certificate WHERE revoked IS NOT NULL ORDER BY revoked")]

    def purge(self, now: datetime, kept: timedelta, most: float = 1.0) -> int:
        """Delete entries kept for longer than ``kept``; see `Store.purge`. Returns how many."""
        return self._store.purge(("certificate",), "issued", (now - kept).isoformat(), most)


def name_hash(name: str, code: str, secret: str) -> str:
    """A keyed hash of a name as people write it: case and space apart."""
    plain = " ".join(name.split()).casefold()
    key = hashlib.sha256(f"{secret}/{code}".encode()).digest()
    return hashlib.blake2b(plain.encode(), key=key, digest_size=20).hexdigest()
