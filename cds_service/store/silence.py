"""A database that does not answer at all, in the one word that every driver's errors can be told by."""


class Silence(Exception):
    """Nothing came for too long: the next call would wait as long."""
