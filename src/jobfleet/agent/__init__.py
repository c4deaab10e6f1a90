"""The process on each host: takes signed orders, runs scripts, keeps their results until they are stored."""
