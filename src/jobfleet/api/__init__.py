"""The HTTP surfaces: they read a request, call an operation and render its answer; they decide nothing."""
