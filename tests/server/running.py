"""A real ``propmgmt serve`` on a real socket."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from base64 import b64encode

COMMAND = [sys.executable, "-m", "radicale_propmgmt.cli.main"]


class Installation:
    """A folder with a configuration, the command line, and at most one running server."""

    def __init__(self, folder, settings="", init=("init",)):
        self.folder = folder
        self.config = folder / "config" / "propmgmt.toml"
        self.config.parent.mkdir(exist_ok=True)
        self.config.write_text(settings)
        self.port = _free_port()
        self.process = None
        self.scheme = "http"
        self.propmgmt(*init)

    def propmgmt(self, *args):
        done = subprocess.run(
            [*COMMAND, "--config", str(self.config), *args], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def device(self, login):
        return json.loads(self.propmgmt("devices", "add", login, "--label", "test", "--json"))

    def start(self, *options):
        args = ["serve", "--bind", f"127.0.0.1:{self.port}", "--workers", "2", *options]
        self.scheme = "https" if "--tls-self-signed" in options else "http"
        self.process = subprocess.Popen(
            [*COMMAND, "--config", str(self.config), *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PROPMGMT_SECRET_OF_THE_HOST": "geheim"},
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.stdout.read()
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def connect(self):
        if self.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(self, method, path, *, user=None, body=None, headers=None):
        """Send one request; returns status, headers in lower case, body."""
        sent = dict(headers or {})
        if user is not None:
            sent["Authorization"] = "Basic " + b64encode(":".join(user).encode()).decode()
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def stop(self, how=signal.SIGTERM):
        """End the server; returns its exit code and everything it said."""
        if self.process is None:
            return None, ""
        self.process.send_signal(how)
        try:
            said, _ = self.process.communicate(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        code, self.process = self.process.returncode, None
        return code, said


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
