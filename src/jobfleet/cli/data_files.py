"""Files in the data directory of a `jobfleet up`, which commands on the same machine read."""

ADDRESS_FILE = "address"
"""Where the server answers, while it does."""

CREDENTIALS_FILE = "credentials.toml"
"""The secrets of the installation: see `jobfleet.credentials`."""
