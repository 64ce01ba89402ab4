"""Mutation testing over the rules: which changes of a rule no test notices (`make mutants`)."""
