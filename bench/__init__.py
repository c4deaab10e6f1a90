"""The benchmark: what a whole installation does, beside its design numbers and the machine's own limits."""
