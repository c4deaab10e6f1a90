"""Version 3 on the component bus and on the gateway: times and durations are milliseconds."""
