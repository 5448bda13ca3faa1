"""A self-signed certificate for trials in a LAN; certificates of the open internet come by configuration."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from radicale_propmgmt.domain.errors import ConfigError

_DAYS = 397  # Apple refuses longer ones


def self_signed(folder: Path, hosts: list[str]) -> tuple[Path, Path]:
    """Make a certificate for some names and addresses, or take the one made before.

    Returns:
        Certificate and key (PKCS#8, readable by the owner only).

    Raises:
        ConfigError: There is no ``openssl``, or it failed.
    """
    certificate, key = folder / "self-signed.crt", folder / "self-signed.key"
    names = sorted({*hosts, *_own_names()} - {"", "0.0.0.0", "::"})  # noqa: S104 - the wildcard is no name
    if certificate.exists() and key.exists() and _holds(certificate, names):
        return certificate, key
    program = shutil.which("openssl")
    if program is None:
        raise ConfigError("tls: --tls-self-signed needs the program openssl")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key.touch(mode=0o600)
    key.chmod(0o600)
    done = subprocess.run(  # noqa: S603 - fixed program; names come from the configuration and this machine
        [
            *(program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"),
            *("-days", str(_DAYS), "-subj", "/CN=propmgmt", "-keyout", str(key), "-out", str(certificate)),
            *("-addext", f"subjectAltName={','.join(map(_san, names))}", "-addext", "extendedKeyUsage=serverAuth"),
        ],
        capture_output=True,
        check=False,
        timeout=60,
        env={"PATH": os.environ.get("PATH", "")},
    )
    if done.returncode != 0:
        raise ConfigError("tls: openssl could not make a certificate")
    return certificate, key


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 fingerprint that a client shows before it trusts."""
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))
    return sha256(der).digest().hex(":").upper()


def _san(name: str) -> str:
    try:
        return f"IP:{ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


def _holds(certificate: Path, names: list[str]) -> bool:
    """Tell whether a certificate made before is still good for a month, for all these names."""
    program = shutil.which("openssl")
    if program is None:
        return True
    asked = subprocess.run(  # noqa: S603 - fixed program
        [program, "x509", "-in", str(certificate), "-noout", "-checkend", "2592000", "-ext", "subjectAltName"],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    told = asked.stdout.replace("IP Address:", "IP:")
    return asked.returncode == 0 and all(_san(name) in told for name in names if ":" not in name)


def _own_names() -> set[str]:
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname()}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: nothing is sent; the kernel only chooses our address
            names.add(str(probe.getsockname()[0]))
        except OSError:
            pass
    return names
