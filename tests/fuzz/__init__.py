"""Fuzzing, not collected by `make test`: `make fuzz` (see `__main__`)."""
