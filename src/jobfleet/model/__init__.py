"""What things are and the rules about them: values and pure functions, no I/O."""
