"""The whole service with its parts, through HTTP, with real servers around it."""
