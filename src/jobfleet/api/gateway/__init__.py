"""What only the API gateway has: step status of version 3, version 4, and the CI plugin's calls."""
