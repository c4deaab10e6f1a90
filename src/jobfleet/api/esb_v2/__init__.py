"""Version 2 on the component bus: times are texts, durations seconds."""
