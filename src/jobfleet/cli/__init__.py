"""The command line: one module a command, or a group of commands about one thing."""
