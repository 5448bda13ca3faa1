"""Settings: every key documented, every mistake told with file and line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from radicale_propmgmt.settings import (
    CONFIG_VARIABLE,
    SECTIONS,
    Settings,
    SettingsError,
    chosen_file,
    load_settings,
    split_bind,
)


def documented(repository):
    rows = re.findall(
        r"^\| `([a-z_.]+)` \| (\S.*?) \| (\S.*?) \| \S", (repository / "config/README.md").read_text(), re.MULTILINE
    )
    return {
        key: (default.strip("`"), example.strip("`"))
        for key, default, example in rows
        if key.partition(".")[0] in SECTIONS
    }


def keys():
    return [
        (section, key, field)
        for section in SECTIONS
        for key, field in Settings.model_fields[section].annotation.model_fields.items()
    ]


def write(folder, text):
    file = folder / "config" / "propmgmt.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder, text):
    with pytest.raises(SettingsError) as refusal:
        load_settings(write(folder, text))
    return [line.removeprefix(f"{folder}/config/propmgmt.toml:") for line in refusal.value.problems]


def test_every_key_is_documented_with_its_default(repository):
    told = documented(repository)
    assert set(told) == {f"{section}.{key}" for section, key, _ in keys()}
    for section, key, field in keys():
        default = (
            None if told[f"{section}.{key}"][0] == "none" else tomllib.loads(f"x = {told[f'{section}.{key}'][0]}")["x"]
        )
        wanted = field.get_default(call_default_factory=True)
        wanted = list(wanted) if isinstance(wanted, tuple) else str(wanted) if isinstance(wanted, Path) else wanted
        assert default == wanted, f"{section}.{key}"


def test_every_example_of_the_documentation_is_accepted(repository, tmp_path):
    lines = [f"{key} = {example}" for key, (_, example) in documented(repository).items()]
    settings = load_settings(write(tmp_path, "\n".join(lines)))
    assert settings.server.threads == 32


def test_the_shipped_file_says_what_the_defaults_say(repository, tmp_path):
    """It is a reading aid, not a second truth."""
    text = (repository / "config/propmgmt.toml").read_text()
    assert load_settings(write(tmp_path, text)) == load_settings(write(tmp_path, ""))


def test_without_a_file_all_defaults_hold(tmp_path):
    settings = load_settings(tmp_path / "config" / "propmgmt.toml")
    assert settings.database.url == f"sqlite:///{tmp_path}/var/propmgmt.db"
    assert settings.secrets.file == tmp_path / "var/secrets.toml"
    assert settings.files.shares == tmp_path / "config/shares.toml"


def test_a_file_elsewhere_keeps_its_data_beside_it(tmp_path):
    settings = load_settings(tmp_path / "mine.toml")
    assert settings.database.url == f"sqlite:///{tmp_path}/var/propmgmt.db"
    assert settings.base == tmp_path


def test_absolute_paths_and_other_databases_stay_as_they_are(tmp_path):
    settings = load_settings(write(tmp_path, 'secrets.file = "/etc/p.toml"\ndatabase.url = "postgresql://u@h/d"'))
    assert str(settings.secrets.file) == "/etc/p.toml"
    assert settings.database.url == "postgresql://u@h/d"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[server]\nbnid = 'x'\n", "2: server.bnid: unknown key; did you mean bind?"),
        ("\n[sever]\nbind = 'x'\n", "2: sever: unknown table; did you mean server?"),
        ("[server]\nworkers = 1\nthreads = 0\n", "3: server.threads: Input should be greater than or equal to 1"),
        ("[server]\nbind = 'localhost'\n", "2: server.bind: write HOST:PORT, such as 127.0.0.1:5232 or [::1]:5232"),
        ("[locale]\ntimezone = 'Berlin'\n", "2: locale.timezone: no such zone; write a name such as Europe/Berlin"),
        ("[server]\ntls_cert = 'a'\n", "2: server.tls_cert: tls_cert and tls_key belong together"),
        ("server.workers = 'two'\n", "1: server.workers: Input should be a valid integer"),
        ("[database]\nurl = 'mysql://x'\n", "2: database.url: use sqlite:///path/to/file.db"),
        ("[server]\n\ntrusted_proxies = ['10.0.0.0/8', 'proxy']\n", "3: server.trusted_proxies.1: 'proxy' does not"),
        ("[server]\npublic_url = 'kontakte'\n", "2: server.public_url: write the address clients use"),
        ("[server\n", "1: -: no valid TOML"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(tmp_path, text, line):
    (found,) = problems(tmp_path, text)
    assert found.startswith(line)


def test_all_mistakes_are_told_at_once(tmp_path):
    assert len(problems(tmp_path, "[server]\nworkers = 0\nfoo = 1\n[gdpr]\nbatch = 0\n[x]\n")) == 4


def test_the_file_is_chosen_by_option_then_environment_then_default(monkeypatch):
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    assert chosen_file() == Path("config/propmgmt.toml")
    monkeypatch.setenv(CONFIG_VARIABLE, "/etc/a.toml")
    assert chosen_file() == Path("/etc/a.toml")
    assert chosen_file("/etc/b.toml") == Path("/etc/b.toml")


def test_settings_do_not_show_the_password_of_the_database(tmp_path):
    """They are printed in errors and logs."""
    assert "geheim" not in repr(load_settings(write(tmp_path, 'database.url = "postgresql://u:geheim@h/d"')))


@pytest.mark.parametrize("bind", ["[::1]:5232", "0.0.0.0:80", "localhost:1"])
def test_a_bind_address_is_host_and_port(bind):
    host, port = split_bind(bind)
    assert host in bind
    assert str(port) in bind
