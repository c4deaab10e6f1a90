"""How version 2 calls fields that operations name in refusals."""

START_FIELDS = {"timeout_s": "script_timeout", "callback_url": "bk_callback_url"}
"""Those of starts of scripts and SQL."""
