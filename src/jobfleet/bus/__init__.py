"""The only wire: NATS subjects, connections, identities and signed envelopes."""
