"""Throughput of the service beside a bare Flask route, both on this machine and in one run: `make bench`."""
