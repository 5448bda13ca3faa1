"""Who logs in: app passwords, human passwords and the limiter of guesses."""
