"""The use cases that every surface calls; authorisation happens here, once."""
