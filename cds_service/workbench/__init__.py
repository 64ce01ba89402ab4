"""The workbench: pages on which people try the service with a patient and see what it concludes, and why.

It holds no state: an example is named in the address, a chart that somebody brings travels in each form. What is shown
of a disease is declared by its package; the example patients are handed in by the composition root.
"""
