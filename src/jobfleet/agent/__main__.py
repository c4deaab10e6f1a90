"""Run the agent as a program of its own; its settings come as JSON in a variable that scripts never see."""

import os
import sys

import msgspec

from jobfleet.agent.main import run_agent
from jobfleet.agent.settings import AgentSettings

sys.exit(run_agent(msgspec.json.decode(os.environ.pop("JOBFLEET_AGENT_SETTINGS"), type=AgentSettings)))
