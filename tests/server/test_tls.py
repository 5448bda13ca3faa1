"""The certificate for trials."""

from __future__ import annotations

import stat
import subprocess

from radicale_propmgmt.server.tls import fingerprint, self_signed


def test_a_certificate_names_this_machine_and_is_kept(tmp_path):
    certificate, key = self_signed(tmp_path / "tls", ["192.0.2.44", "kontakte.example"])
    told = subprocess.run(
        ["openssl", "x509", "-in", certificate, "-noout", "-ext", "subjectAltName"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in ("IP Address:127.0.0.1", "DNS:localhost", "IP Address:192.0.2.44", "DNS:kontakte.example"):
        assert name in told
    before = fingerprint(certificate)
    assert self_signed(tmp_path / "tls", ["192.0.2.44"]) == (certificate, key)
    assert fingerprint(certificate) == before
    self_signed(tmp_path / "tls", ["192.0.2.45"])
    assert fingerprint(certificate) != before


def test_the_key_is_pkcs8_and_for_its_owner_only(tmp_path):
    """Granian reads PKCS#8 only."""
    _, key = self_signed(tmp_path / "tls", [])
    assert key.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
