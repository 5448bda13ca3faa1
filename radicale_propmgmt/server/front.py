"""What stands before every handler: whose request it is, over what, and whether it may be looked at."""

from __future__ import annotations

import os
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Environ = dict[str, Any]
Address = IPv4Address | IPv6Address

#: What the gateway itself says of a request (PEP 3333), besides ``HTTP_*`` and ``wsgi.*``.
_GATEWAY = frozenset(
    {
        *("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH"),
        *("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "REMOTE_ADDR", "REMOTE_PORT"),
    }
)
#: Headers by which a proxy speaks of the client. They never reach a handler: what counts is in REMOTE_ADDR and scheme.
_PROXY_HEADERS = frozenset(
    {
        *("HTTP_FORWARDED", "HTTP_PROXY", "HTTP_REMOTE_USER", "HTTP_X_REAL_IP", "HTTP_X_REMOTE_ADDR"),
        *("HTTP_X_REMOTE_USER", "HTTP_X_SCRIPT_NAME"),
    }
)


class Front:
    """Cleans the environ of one request after another."""

    def __init__(self, trusted_proxies: Iterable[str]) -> None:
        self._trusted: list[IPv4Network | IPv6Network] = [ip_network(network) for network in trusted_proxies]
        self._process = frozenset(os.environ)

    def clean(self, environ: Environ) -> Environ:
        """Return a new environ without the process's environment and proxy headers.

        REMOTE_ADDR becomes the client's address and ``wsgi.url_scheme`` its scheme: from the headers of a trusted
        proxy, else from the socket.
        """
        peer = read_address(environ.get("REMOTE_ADDR", ""))
        address, scheme = peer, environ.get("wsgi.url_scheme", "http")
        if peer is not None and self._trusts(peer):
            address = self._client(environ.get("HTTP_X_FORWARDED_FOR", ""), peer)
            told = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
            scheme = told if told in {"http", "https"} else scheme
        kept = {name: value for name, value in environ.items() if self._passes(name, value)}
        kept["SCRIPT_NAME"] = ""
        kept["REMOTE_ADDR"] = "" if address is None else str(address)
        kept["wsgi.url_scheme"] = scheme
        return kept

    def _passes(self, name: str, value: Any) -> bool:
        if name in _PROXY_HEADERS or name.startswith("HTTP_X_FORWARDED_"):
            return False
        if name.startswith("HTTP_"):
            return name not in self._process or os.environ.get(name) != value
        return name in _GATEWAY or name.startswith("wsgi.")

    def _trusts(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._trusted)

    def _client(self, forwarded_for: str, peer: Address) -> Address | None:
        """Walk from the right over trusted proxies; the first other address is the client's."""
        client: Address | None = peer
        for entry in reversed([part for part in forwarded_for.split(",") if part.strip()]):
            client = read_address(entry.strip())
            if client is None or not self._trusts(client):
                return client
        return client


def read_address(text: str) -> Address | None:
    """Read an address, with or without port, brackets or zone; an IPv4-mapped one becomes IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def is_exposed(environ: Environ) -> bool:
    """Tell whether a cleaned request carries credentials in clear over a network."""
    if "HTTP_AUTHORIZATION" not in environ or environ["wsgi.url_scheme"] == "https":
        return False
    address = read_address(environ["REMOTE_ADDR"])
    return address is None or not address.is_loopback


def length_problem(environ: Environ, most: int) -> str | None:
    """Return the status line for a Content-Length that cannot be meant (RFC 9110 §8.6), or that is too large."""
    length = environ.get("CONTENT_LENGTH", "")
    if not length:
        return None
    if not (length.isascii() and length.isdigit()):
        return "400 Bad Request"
    return "413 Content Too Large" if len(length) > 18 or int(length) > most else None
