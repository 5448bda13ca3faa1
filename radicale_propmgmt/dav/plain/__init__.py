"""Plain collections over DAV: an account's own calendars and address books, byte for byte (DESIGN §2.9).

``routing`` says which requests come here. Nothing here ever looks at a contact but to refuse it.
"""
