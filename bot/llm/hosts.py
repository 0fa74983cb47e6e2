"""Where data goes when it goes to an address: our own network, mainland China, or abroad."""

import functools
import ipaddress
import tomllib
from enum import StrEnum
from importlib.resources import files
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict


class Reach(StrEnum):
    """How far away a model is, for the rules on personal data (PIPL 21–23, 38–39)."""

    INTERNAL = "internal"
    MAINLAND = "mainland"
    ABROAD = "abroad"


class _Hosts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    mainland: tuple[str, ...]
    internal: tuple[str, ...]


def reach_of(base_url: str) -> Reach:
    """How far away an address is. Loopback, private addresses and bare machine names are our own
    network; what is not known to be in mainland China counts as abroad."""
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    if _is_internal(host):
        return Reach.INTERNAL
    return Reach.MAINLAND if _is_under(host, _hosts().mainland) else Reach.ABROAD


@functools.cache
def _hosts() -> _Hosts:
    raw = files("bot.llm").joinpath("hosts.toml").read_text(encoding="utf-8")
    return _Hosts.model_validate(tomllib.loads(raw))


def _is_internal(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or _is_under(host, _hosts().internal))
    return address.is_private or address.is_loopback


def _is_under(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
