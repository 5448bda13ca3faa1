"""The rule language: ``shares.toml`` to compiled rules, what explains them, and what a change of them does."""
