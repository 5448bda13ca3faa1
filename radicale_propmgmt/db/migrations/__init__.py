"""Migrations: one per schema change, up and down."""
