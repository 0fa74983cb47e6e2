"""What WeCom's callbacks come in: signed, encrypted XML, opened without trusting any of it."""

import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

import xmltodict
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner

BROKEN = (LookupError, TypeError, ValueError, WeChatException, struct.error)
"""What opening a thing of the wrong shape ends in."""


class ForgedError(Exception):
    """Not signed by WeCom, or not for us."""


class UnreadableError(Exception):
    """Signed by WeCom, but of a shape that nobody expects."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a call shows for itself in its address."""

    signature: str
    timestamp: str
    nonce: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Seal":
        """From the parameters of a call; what is missing is empty and fits nothing."""
        return cls(*(query.get(name, "") for name in ("msg_signature", "timestamp", "nonce")))


class Envelope:
    """Opens what comes for one app."""

    def __init__(self, token: str, aes_key: str, corp: str) -> None:
        self._token = token
        self._crypto = WeChatCrypto(token, aes_key, corp)

    def echo(self, seal: Seal, sealed: str) -> str:
        """What WeCom wants to hear when the address is set. Raises ForgedError."""
        return self._opened(seal, sealed)

    def read(self, seal: Seal, body: bytes) -> dict[str, Any]:
        """The fields of a message. Raises ForgedError and UnreadableError."""
        return _fields(self._opened(seal, _sealed(body)))

    def _opened(self, seal: Seal, sealed: str) -> str:
        signer = WeChatSigner()
        signer.add_data(self._token, seal.timestamp, seal.nonce, sealed)
        if not hmac.compare_digest(signer.signature.encode(), seal.signature.encode()):
            raise ForgedError
        message = {"Encrypt": sealed}
        try:
            opened = self._crypto.decrypt_message(
                message, seal.signature, seal.timestamp, seal.nonce
            )
        except BROKEN:
            raise ForgedError from None
        return opened if isinstance(opened, str) else opened.decode("utf-8", "replace")


def _sealed(body: bytes) -> str:
    try:
        sealed = _fields(body).get("Encrypt")
    except UnreadableError:
        raise ForgedError from None
    if not isinstance(sealed, str):
        raise ForgedError
    return sealed


def _parser(*options: Any) -> XMLParserType:
    """One that takes no document type: what it declares is put into every element, so that a small
    message could fill all memory."""
    parser = ParserCreate(*options)
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise ValueError("document type")


_STRICT = SimpleNamespace(ParserCreate=_parser)


def _fields(xml: str | bytes) -> dict[str, Any]:
    """The top level of an XML message, which declares nothing. Raises UnreadableError."""
    try:
        parsed = xmltodict.parse(xml, expat=_STRICT, disable_entities=True)
    except (ExpatError, LookupError, RecursionError, ValueError):
        raise UnreadableError from None
    fields = parsed.get("xml")
    if not isinstance(fields, dict):
        raise UnreadableError
    return fields
