"""Files in and out: every format becomes drafts, and contacts become every format."""
