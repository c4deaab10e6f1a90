"""The web console: its built files, and the page that every address of it shows."""
