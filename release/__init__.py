"""What `make release` puts into `dist`: the package, what it stands on, under which licences, and the sums of all that.

`locked` says what is installed with the service, `licences` and `bill` write it down, `__main__` has the order of work.
"""
