"""Radicale's own configuration: what ``radicale.ini`` may say, and what we say in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from radicale import config as radicale_config
from radicale.auth import BaseAuth
from radicale.rights import BaseRights
from radicale.storage import BaseStorage

from radicale_propmgmt.domain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

#: Not to be changed: a delay sleeps in the worker, a hook is no audit, and Radicale's logs quote what clients sent.
#: Its own storage, auth and rights are the abstract ones: a request that reached them would fail, never be let in.
FIXED: dict[str, dict[str, Any]] = {
    "auth": {"type": BaseAuth, "delay": "0", "cache_logins": "False"},
    "rights": {"type": BaseRights, "permit_delete_collection": "False", "permit_overwrite_collection": "False"},
    "storage": {"type": BaseStorage, "hook": ""},
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
        configuration.update(FIXED, "radicale_propmgmt", privileged=True)
    except (RuntimeError, OSError) as error:
        raise ConfigError(f"{path}:1: -: {error}") from None
    return configuration
