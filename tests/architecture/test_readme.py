"""What the README says in tables is what the code does."""

from __future__ import annotations

from pathlib import Path

from radicale_propmgmt.domain.fields import PROFILES, PROPERTY_CLASS, FieldClass

ROOT = Path(__file__).parents[2]


def field_table() -> str:
    lines = ["| Field class | On the wire | In the profiles |", "|---|---|---|"]
    for field in FieldClass:
        names = [name for name, owner in PROPERTY_CLASS.items() if owner is field]
        wire = " ".join(names) if names else "every property not named here"
        profiles = [name for name, fields in PROFILES.items() if field in fields]
        lines.append(f"| {field.value} | {wire} | {', '.join(profiles)} |")
    return "\n".join(lines)


def test_the_readme_prints_the_field_classes_as_the_code_has_them() -> None:
    """DESIGN §5: the table lives once, in code, and the README prints it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    printed = text.partition("test_readme.py -->\n")[2].partition("\n<!-- /fields -->")[0]
    assert printed == field_table(), f"write this into README.md:\n{field_table()}"


def test_every_folder_and_file_that_the_readmes_link_to_is_there() -> None:
    for readme in (ROOT / "README.md", ROOT / "radicale_propmgmt" / "README.md"):
        for link in readme.read_text(encoding="utf-8").split("](")[1:]:
            target = link.partition(")")[0]
            assert target.startswith("https://") or (readme.parent / target).exists(), target
