"""The German and English words for what stands as a key in data and rules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """One key's words."""

    de: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the word in German or, for any other language, in English."""
        return self.de if language.startswith("de") else self.en


@dataclass(frozen=True, slots=True)
class RelationType:
    """A typed relation: "other is my <label>", and how clients call it.

    ``apple`` is the X-ABLabel text (None = the German label), ``outlook`` the property Outlook reads, ``related``
    the TYPE of RELATED (RFC 6350 §6.6.6). An ``internal`` relation never leaves the house.
    """

    label: Label
    inverse: str
    related: str = "contact"
    apple: str | None = None
    outlook: str | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True)
class BlockReason:
    """Why a contact is blocked: what must be recorded with it, and whether GDPR Art. 18 is the ground."""

    label: Label
    needs_record: str = ""  # what must be written down, as a key; empty = nothing
    is_art18: bool = False


@dataclass(frozen=True, slots=True)
class GroupLabel:
    """A group the product ships with and the roles its links usually have."""

    label: Label
    roles: tuple[str, ...] = ()


GROUPS: dict[str, GroupLabel] = {
    "mieter": GroupLabel(
        Label("Mieter", "Tenants"), ("hauptmieter", "mitmieter", "untermieter", "buerge", "gewerbemieter")
    ),
    "mietinteressenten": GroupLabel(
        Label("Mietinteressenten", "Applicants"), ("interessent", "bewerber", "nachmieter")
    ),
    "dienstleister": GroupLabel(
        Label("Dienstleister", "Service providers"),
        (
            *("hausmeister", "handwerker", "wartung", "messdienst"),
            *("versicherer", "versorger", "rechtsanwalt", "steuerberater"),
        ),
    ),
    "makler": GroupLabel(Label("Makler", "Estate agents"), ("vermietungsmakler", "verkaufsmakler")),
    "verwalter": GroupLabel(
        Label("Verwalter", "Managers"),
        ("weg-verwalter", "mietverwalter", "se-verwalter", "vorverwalter", "nachverwalter"),
    ),
    "eigentuemer": GroupLabel(
        Label("Eigentümer", "Owners"),
        ("weg-eigentuemer", "auftraggeber", "beirat", "beiratsvorsitz", "zustellbevollmaechtigter", "erbe"),
    ),
    "banken": GroupLabel(Label("Banken", "Banks"), ("kontobank",)),
    "sonstige": GroupLabel(
        Label("Sonstige Kontakte", "Other contacts"),
        ("behoerde", "notar", "nachbar", "notfallkontakt", "betreuer", "presse"),
    ),
}

#: Link roles; a role that stands nowhere here is shown as it was entered.
ROLES: dict[str, Label] = {
    "hauptmieter": Label("Hauptmieter", "Main tenant"),
    "mitmieter": Label("Mitmieter", "Co-tenant"),
    "untermieter": Label("Untermieter", "Subtenant"),
    "buerge": Label("Bürge", "Guarantor"),
    "gewerbemieter": Label("Gewerbemieter", "Commercial tenant"),
    "mieter": Label("Mieter", "Tenant"),
    "interessent": Label("Interessent", "Prospect"),
    "bewerber": Label("Bewerber", "Applicant"),
    "nachmieter": Label("Nachmieter", "Next tenant"),
    "hausmeister": Label("Hausmeister", "Caretaker"),
    "handwerker": Label("Handwerker", "Craftsman"),
    "wartung": Label("Wartung", "Maintenance"),
    "messdienst": Label("Messdienst", "Metering service"),
    "versicherer": Label("Versicherer", "Insurer"),
    "versorger": Label("Versorger", "Utility"),
    "rechtsanwalt": Label("Rechtsanwalt", "Lawyer"),
    "steuerberater": Label("Steuerberater", "Tax adviser"),
    "vermietungsmakler": Label("Vermietungsmakler", "Letting agent"),
    "verkaufsmakler": Label("Verkaufsmakler", "Sales agent"),
    "weg-verwalter": Label("WEG-Verwalter", "Manager of a homeowners' association"),
    "mietverwalter": Label("Mietverwalter", "Letting manager"),
    "se-verwalter": Label("SE-Verwalter", "Manager of a single flat"),
    "vorverwalter": Label("Vorverwalter", "Previous manager"),
    "nachverwalter": Label("Nachverwalter", "Next manager"),
    "eigentuemer": Label("Eigentümer", "Owner"),
    "weg-eigentuemer": Label("WEG-Eigentümer", "Flat owner"),
    "auftraggeber": Label("Auftraggeber", "Principal"),
    "beirat": Label("Beirat", "Advisory board"),
    "beiratsvorsitz": Label("Beiratsvorsitz", "Chair of the advisory board"),
    "zustellbevollmaechtigter": Label("Zustellbevollmächtigter", "Agent for service"),
    "erbe": Label("Erbe", "Heir"),
    "kontobank": Label("Kontobank", "Account bank"),
    "behoerde": Label("Behörde", "Authority"),
    "notar": Label("Notar", "Notary"),
    "nachbar": Label("Nachbar", "Neighbour"),
    "notfallkontakt": Label("Notfallkontakt", "Emergency contact"),
    "betreuer": Label("Betreuer", "Legal guardian"),
    "presse": Label("Presse", "Press"),
}

#: Relation types; "mitglied" makes the household, GbR, WEG or community of heirs.
RELATIONS: dict[str, RelationType] = {
    "ehepartner": RelationType(
        Label("Ehepartner", "Spouse"), "ehepartner", "spouse", apple="_$!<Spouse>!$_", outlook="X-SPOUSE"
    ),
    "lebenspartner": RelationType(
        Label("Lebenspartner", "Partner"), "lebenspartner", "spouse", apple="_$!<Partner>!$_", outlook="X-SPOUSE"
    ),
    "kind": RelationType(Label("Kind", "Child"), "elternteil", "child", apple="_$!<Child>!$_"),
    "elternteil": RelationType(Label("Elternteil", "Parent"), "kind", "parent", apple="_$!<Parent>!$_"),
    "bevollmaechtigter": RelationType(Label("Bevollmächtigter", "Agent"), "vollmachtgeber", "agent"),
    "vollmachtgeber": RelationType(Label("Vollmachtgeber", "Principal"), "bevollmaechtigter"),
    "betreuer": RelationType(Label("Betreuer", "Legal guardian"), "betreuter", "agent"),
    "betreuter": RelationType(Label("Betreuter", "Ward"), "betreuer"),
    "erbe": RelationType(Label("Erbe", "Heir"), "erblasser", "kin"),
    "erblasser": RelationType(Label("Erblasser", "Deceased"), "erbe", "kin"),
    "ansprechpartner": RelationType(Label("Ansprechpartner", "Contact person"), "firma"),
    "firma": RelationType(Label("Firma", "Company"), "ansprechpartner"),
    "vorgesetzter": RelationType(
        Label("Vorgesetzter", "Manager"), "mitarbeiter", "co-worker", apple="_$!<Manager>!$_", outlook="X-MANAGER"
    ),
    "mitarbeiter": RelationType(Label("Mitarbeiter", "Employee"), "vorgesetzter", "co-worker"),
    "assistenz": RelationType(
        Label("Assistenz", "Assistant"),
        "assistenz-von",
        "co-worker",
        apple="_$!<Assistant>!$_",
        outlook="X-ASSISTANT",
    ),
    "assistenz-von": RelationType(Label("Assistenz von", "Assistant of"), "assistenz", "co-worker"),
    "buerge": RelationType(Label("Bürge", "Guarantor"), "hauptschuldner"),
    "hauptschuldner": RelationType(Label("Hauptschuldner", "Principal debtor"), "buerge"),
    "mitglied": RelationType(Label("Mitglied", "Member"), "mitglied-von"),
    "mitglied-von": RelationType(Label("Mitglied von", "Member of"), "mitglied"),
    "vorverwalter": RelationType(Label("Vorverwalter", "Previous manager"), "nachverwalter"),
    "nachverwalter": RelationType(Label("Nachverwalter", "Next manager"), "vorverwalter"),
    "notfallkontakt": RelationType(Label("Notfallkontakt", "Emergency contact"), "notfallkontakt-fuer", "emergency"),
    "notfallkontakt-fuer": RelationType(Label("Notfallkontakt für", "Emergency contact of"), "notfallkontakt"),
    "dublette": RelationType(Label("Dublette von", "Duplicate of"), "hauptsatz", internal=True),
    "hauptsatz": RelationType(Label("Hauptsatz von", "Main record of"), "dublette", internal=True),
}

#: The relation that makes a person belong to a household or another body of several.
MEMBER = "mitglied"

#: Keys of ``ContactData.salutation``; empty or anything else = none, unknown, divers.
SALUTATIONS: dict[str, Label] = {
    "": Label("keine Anrede", "none"),
    "frau": Label("Frau", "Ms"),
    "herr": Label("Herr", "Mr"),
    "divers": Label("divers", "non-binary"),
}

BLOCK_REASONS: dict[str, BlockReason] = {
    "art18-1a": BlockReason(Label("Richtigkeit bestritten", "Accuracy contested"), "contested", is_art18=True),
    "art18-1b": BlockReason(
        Label("unrechtmäßig, Löschung abgelehnt", "Unlawful, erasure opposed"), "wish", is_art18=True
    ),
    "art18-1c": BlockReason(
        Label("für Rechtsansprüche der Person", "For legal claims of the person"), "claim", is_art18=True
    ),
    "art18-1d": BlockReason(
        Label("Widerspruch nach Art. 21 in Prüfung", "Objection under Art. 21 pending"), "balancing", is_art18=True
    ),
    "ret": BlockReason(Label("Aufbewahrungsfrist", "Retention period"), "law"),
    "ret-contract": BlockReason(
        Label("vertragliche oder satzungsgemäße Aufbewahrung", "Retention by contract or statutes"), "contract"
    ),
    "claims": BlockReason(Label("Rechtsstreit oder Titel", "Litigation or title"), "file"),
    "consent": BlockReason(
        Label("Einwilligung widerrufen, keine andere Grundlage", "Consent withdrawn, no other basis"), "consent"
    ),
    "internal": BlockReason(
        Label("Adressschutz, Auskunftssperre, Bedrohung", "Protected address, information block, threat"), "order"
    ),
    "dup": BlockReason(Label("Dublette in Klärung", "Duplicate under review"), "partner"),
}

#: Purposes of consents and disclosure agreements.
PURPOSES: dict[str, Label] = {
    "portal_nutzung": Label("Nutzung des Portals", "Use of the portal"),
    "email_kommunikation": Label("E-Mail statt Post", "E-mail instead of letters"),
    "weitergabe_handwerker": Label("Weitergabe an Handwerker", "Disclosure to craftsmen"),
    "weitergabe_interessent": Label("Weitergabe an Interessenten (Besichtigung)", "Disclosure to prospects (viewing)"),
    "weg_kontakt": Label("E-Mail und Telefon in der Eigentümerliste", "E-mail and phone in the list of owners"),
    "weitergabe_messdienst": Label("Weitergabe an den Messdienst", "Disclosure to the metering service"),
    "foto_objekt": Label("Fotos im Objekt", "Photos in the property"),
    "vormerkung_interessent": Label("Vormerkung als Interessent", "Kept on the list of prospects"),
    "newsletter": Label("Newsletter", "Newsletter"),
    "schufa": Label("Schufa-Auskunft", "Credit report"),
    "geburtstagsgruss": Label("Geburtstagsgruß", "Birthday greeting"),
}

#: URL segments of books that are not made from a group's or an object's name.
BOOKS: dict[str, Label] = {
    "alle": Label("Alle Kontakte", "All contacts"),
    "einzelfreigaben": Label("Einzelfreigaben", "Single grants"),
    "gesperrt": Label("Gesperrt", "Blocked"),
    "eingang": Label("Eingang", "Inbox"),
    "eigene": Label("Eigene Kontakte", "Own contacts"),
}

#: The FN of a card that may show no name (RFC 2426 §3.1.1 demands one).
NAMELESS = Label("Kontakt", "Contact")


def role_label(role: str, language: str = "de") -> str:
    """Return a role's word; an unknown role stands for itself."""
    known = ROLES.get(role)
    return known.in_language(language) if known else role


def group_label(slug: str, language: str = "de") -> str:
    """Return a shipped group's name; an unknown slug stands for itself."""
    known = GROUPS.get(slug)
    return known.label.in_language(language) if known else slug
