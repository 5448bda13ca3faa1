"""The vCard layer: content lines, cards of one audience, salutations, and cards that come in.

Knows RFC 2426 (vCard 3.0, what goes on the wire), RFC 6350 (4.0) and vCard 2.1 (import); knows no database.
"""
