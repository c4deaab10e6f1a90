"""The native API `/api/v1`: typed, with real HTTP statuses; the command line and the console speak it."""
