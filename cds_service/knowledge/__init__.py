"""The wall: what a disease package gives the engine, and the loader of its data."""
