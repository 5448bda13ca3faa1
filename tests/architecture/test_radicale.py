"""What we rely on in Radicale, pinned: its plugin interface changed in six minor releases, mostly without a note."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import radicale
from radicale import app, auth, config, httputils, item, pathutils, rights, storage, utils, xmlutils
from radicale.app import base, report

from tests.architecture.source import PACKAGES, is_within, modules

#: Owner → the names of it that our code uses, overrides or hands through.
RELIED_ON: dict[Any, str] = {
    app.Application: "__call__ _handle_request do_DELETE do_GET do_HEAD do_MKCALENDAR do_MKCOL do_MOVE do_OPTIONS"
    " do_POST do_PROPFIND do_PROPPATCH do_PUT do_REPORT",
    base.ApplicationBase: "_read_xml_request_body _xml_response _webdav_error_response",
    base.Access: "check permissions parent_permissions",
    storage.BaseStorage: "discover acquire_lock create_collection move verify",
    storage.BaseCollection: "path owner is_principal etag tag sync get_multi get_all get_filtered has_uid upload"
    " delete get_meta set_meta last_modified serialize",
    auth.BaseAuth: "login _login _login_ext _login_ext_with_groups get_external_login",
    rights.BaseRights: "authorization",
    httputils: "DAV_HEADERS NOT_ALLOWED FORBIDDEN NOT_FOUND BAD_REQUEST METHOD_NOT_ALLOWED",
    xmlutils: "make_clark make_human_tag",
    pathutils: "sanitize_path strip_path unstrip_path",
    utils: "load_plugin",
    config: "load parse_compound_paths Configuration DEFAULT_CONFIG_SCHEMA",
    item: "Item find_time_range",
    report: "xml_report free_busy_report",
}
#: The form in which Radicale calls us; a change breaks us at run time only.
SIGNATURES: dict[Callable[..., Any], str] = {
    **dict.fromkeys(
        [getattr(app.Application, name) for name in dir(app.Application) if name.startswith("do_")],
        "self environ base_prefix path user user_groups request_info",
    ),
    storage.BaseStorage.discover: "self path depth child_context_manager user_groups",
    storage.BaseStorage.acquire_lock: "self mode user args kwargs",
    storage.BaseStorage.create_collection: "self href items props",
    storage.BaseStorage.move: "self item to_collection to_href",
    storage.BaseCollection.sync: "self old_token",
    storage.BaseCollection.upload: "self href item",
    storage.BaseCollection.delete: "self href",
    storage.BaseCollection.get_multi: "self hrefs",
    storage.BaseCollection.get_filtered: "self filters",
    storage.BaseCollection.serialize: "self vcf_to_ics ShareActions",
    auth.BaseAuth._login_ext: "self login password context",
    auth.BaseAuth._login_ext_with_groups: "self login password context",
    auth.BaseAuth.get_external_login: "self environ",
    rights.BaseRights.authorization: "self user user_groups path",
    report.xml_report: "base_prefix path xml_request collection encoding unlock_storage_fn max_occurrence user"
    " request_info share",
    report.free_busy_report: "base_prefix path xml_request collection encoding unlock_storage_fn max_occurrence",
    item.find_time_range: "vobject_item tag",
    base.Access.__init__: "self rights user user_groups path permissions_filter",
}


def test_it_is_the_version_we_know() -> None:
    assert radicale.VERSION.startswith("3.9.")


@pytest.mark.parametrize(
    ("owner", "name"),
    [(owner, name) for owner, names in RELIED_ON.items() for name in names.split()],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_what_we_rely_on_is_there(owner: Any, name: str) -> None:
    assert hasattr(owner, name) or name in inspect.getsource(owner.__init__)


@pytest.mark.parametrize("function", SIGNATURES, ids=lambda function: function.__qualname__)
def test_it_is_called_as_we_know(function: Callable[..., Any]) -> None:
    assert list(inspect.signature(function).parameters) == SIGNATURES[function].split()


def test_an_application_keeps_its_parts_where_we_look_for_them(tmp_path: Path) -> None:
    """Their constructor takes a callable as ``type``, so that our plugins need no import string."""
    made: list[object] = []

    class Storage(storage.BaseStorage):
        def __init__(self, configuration: config.Configuration) -> None:
            super().__init__(configuration)
            made.append(configuration)

    configuration = config.load()
    configuration.update(
        {"storage": {"type": Storage, "filesystem_folder": str(tmp_path)}, "auth": {"type": "none"}}, "test"
    )
    application = app.Application(configuration)
    for name in ("_storage", "_rights", "_auth", "_encoding", "_max_resource_size", "_web", "configuration"):
        assert hasattr(application, name), name
    assert isinstance(application._storage, Storage)
    assert len(made) == 2, "Radicale makes two storages per application: engines must not be made in a constructor"


def test_the_flags_that_hurt_by_default_are_still_the_same() -> None:
    """Left False they turn ordinary paths into 400."""
    flags = ("_supports_unicode", "_supports_trailing_whitespace", "_supports_problematic_chars", "_is_collision_free")
    assert {flag: getattr(storage.BaseStorage, flag) for flag in flags} == dict.fromkeys(flags, False)


def _is_theirs(cls: type) -> bool:
    return cls.__module__.split(".")[0] == "radicale"


def _ours() -> Iterator[type]:
    """Find every class of ours that extends one of Radicale's."""
    for module in modules():
        if any(is_within(name, "radicale") for name in module.imports()):
            for value in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(value) and value.__module__ == module.name and any(map(_is_theirs, value.__mro__)):
                    yield value


def _shape(function: Callable[..., Any]) -> list[tuple[str, Any, bool]]:
    parameters = inspect.signature(function).parameters.values()
    return [(p.name, p.kind, p.default is not p.empty) for p in parameters]


def _overrides(cls: type) -> Iterator[tuple[str, Callable[..., Any], Callable[..., Any]]]:
    """Pair every method of ours, mixins included, with the one of Radicale's that it stands for."""
    for parent in cls.__mro__:
        if parent.__module__.split(".")[0] in PACKAGES:
            for name, value in vars(parent).items():
                known = next(
                    (vars(their)[name] for their in cls.__mro__ if _is_theirs(their) and name in vars(their)), 0
                )
                if name != "__init__" and inspect.isfunction(value) and inspect.isfunction(known):
                    yield f"{value.__module__}.{value.__qualname__}", value, known


def test_an_override_has_the_signature_of_what_it_overrides() -> None:
    """Core calls by position here and by keyword there: names, kinds and defaults all count."""
    wrong = {
        name: f"{inspect.signature(ours)} is not {inspect.signature(known)}"
        for cls in _ours()
        for name, ours, known in _overrides(cls)
        if _shape(ours) != _shape(known)
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("module", "theirs"),
    [
        ("radicale_propmgmt.dav.application", app.Application),
        ("storage_plugin", storage.BaseStorage),
        ("auth_plugin", auth.BaseAuth),
        ("rights_plugin", rights.BaseRights),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_translator_extends_what_radicale_loads(module: str, theirs: type) -> None:
    """Radicale looks for ``Storage``, ``Auth`` and ``Rights`` in the module that its ``type`` names."""
    if importlib.util.find_spec(module) is None or not any(m.name == module for m in modules()):
        pytest.skip(f"{module} is not written yet")
    loaded = vars(importlib.import_module(module)).values()
    assert any(inspect.isclass(value) and issubclass(value, theirs) and value is not theirs for value in loaded)
