"""Radicale's own configuration: what ``radicale.ini`` may say, and what we say in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale import config as radicale_config

from radicale_propmgmt.domain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

#: Not to be changed: a delay sleeps in the worker, a hook is no audit, and Radicale's logs quote what clients sent.
FIXED = {
    "auth": {"type": "none", "delay": "0", "cache_logins": "False", "uc_username": "False", "lc_username": "True"},
    "rights": {"permit_delete_collection": "False", "permit_overwrite_collection": "False"},
    "storage": {"type": "multifilesystem_nolock", "hook": "", "filesystem_folder": "/nonexistent"},
    "server": {"delay_on_error": "0"},
    "hook": {"type": "none"},
    "web": {"type": "none"},
    "sharing": {"type": "none"},
    "logging": {"level": "error", "mask_passwords": "True", "bad_put_request_content": "False"},
}


def radicale_configuration(path: Path) -> radicale_config.Configuration:
    """Read ``radicale.ini``, if there is one, under our fixed switches.

    Raises:
        ConfigError: Radicale does not understand the file.
    """
    try:
        configuration = radicale_config.load([(str(path), True)])
        known = configuration.sections()
        fixed = {
            section: {key: value for key, value in values.items() if key in configuration.options(section)}
            for section, values in FIXED.items()
            if section in known
        }
        configuration.update(fixed, "radicale_propmgmt", privileged=True)
    except (RuntimeError, OSError) as error:
        raise ConfigError(f"{path}:1: -: {error}") from None
    return configuration
