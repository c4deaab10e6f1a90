"""Counters of the engine."""

from prometheus_client import Counter

REPORTS = Counter("jobfleet_reports_stored_total", "Agents' reports that were stored")
MALFORMED = Counter("jobfleet_messages_malformed_total", "Messages that could not be read and were dropped")
