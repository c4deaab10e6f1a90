"""Counters of the engine."""

from prometheus_client import Counter

REPORTS = Counter("jobfleet_reports_stored_total", "Agents' reports that were stored")
PUT_OFF = Counter("jobfleet_reports_put_off_total", "Agents' reports that found no place and have to come again")
MALFORMED = Counter("jobfleet_messages_malformed_total", "Messages that could not be read and were dropped")
