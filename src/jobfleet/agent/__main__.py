"""`python -m jobfleet.agent FD`: the agent in a process of its own; see main.run_agent."""

import sys

from jobfleet.agent.main import main

sys.exit(main(sys.argv[1:]))
