"""The simulated fleet: many protocol-true agents in one process that start no process of their own."""
