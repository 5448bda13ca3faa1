"""What a merge is bound by, and what it finds; shared by its parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from radicale_propmgmt.domain.fields import FieldClass, Fields

from .capabilities import Capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Who writes, and what they may: ``allowed`` = visible and writable; without a base nothing is deleted."""

    capabilities: Capabilities
    visible: Fields
    allowed: Fields
    has_base: bool
    region: str

    def may_delete(self, name: str) -> bool:
        """Tell whether a property that is missing was deleted."""
        return self.has_base and self.capabilities.can_show(name)


@dataclass(slots=True)
class Findings:
    """The field classes a merge changed, refused to change, or left because somebody else had changed them."""

    changed: set[FieldClass] = field(default_factory=set)
    refused: set[FieldClass] = field(default_factory=set)
    conflicts: set[FieldClass] = field(default_factory=set)

    def permit(self, field_class: FieldClass, terms: Terms) -> bool:
        """Tell whether a class may be changed; if not, the edit is refused."""
        if field_class in terms.allowed:
            return True
        self.refused.add(field_class)
        return False
