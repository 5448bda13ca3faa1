"""One contact database for property managers, served as exact CardDAV books."""

__version__ = "0.1.0"
