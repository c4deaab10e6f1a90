"""Run the command line with `python -m jobfleet`."""

from jobfleet.main import main

main()
