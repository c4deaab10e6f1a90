"""The tests: a package of its own, since a distribution among the tools has one of that name too."""
