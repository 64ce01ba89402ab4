"""The CDS Hooks protocol: requests in, cards out, no HTTP. `offer` is the way in."""
