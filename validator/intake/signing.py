"""Texts signed with Ed25519, so that a later change shows: frozen months, scorings."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from validator.base.errors import InputError


@dataclass(frozen=True)
class Signed:
    """A text with its signature and the public key, both in hexadecimal digits."""

    text: str
    signature: str
    key: str

    @property
    def holds(self) -> bool:
        """Whether the text is as it was signed."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(self.signature), self.text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def sign(text: str, path: Path) -> Signed:
    """The text signed with the key of a file, which is made when first needed; only its owner may read it."""
    key = _key(path)
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return Signed(text, key.sign(text.encode()).hex(), public.hex())


def _key(path: Path) -> Ed25519PrivateKey:
    if not path.is_file():
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".key-")
        with os.fdopen(handle, "wb") as file:
            file.write(made)
        Path(scratch).replace(path)
    wrong = InputError(f"{path}：不是 Ed25519 私钥", f"{path}: no Ed25519 private key")
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise wrong from error
    if not isinstance(key, Ed25519PrivateKey):
        raise wrong
    return key
