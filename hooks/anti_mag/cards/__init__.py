"""The cards: one module a topic. Each says what its rules found, and what to do about it."""
