"""Where the patient stands in the disease's course: the states S0 to S10 of the decision logic (C2).

The first state that fits, in the order of C2, is the patient's. Flags (hyperviscosity, pregnancy) are not states.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    OUT_OF_SCOPE = "S0"
    GAMMOPATHY_ONLY = "S0G"
    """An IgM gammopathy without neuropathy: hyperviscosity and order gates speak, nothing else (ruling 4)."""
    SUSPECTED = "S1"
    WORK_UP = "S2"
    SEVERITY_UNKNOWN = "S3"
    MILD_STABLE = "S4"
    TREATABLE = "S5"
    PLANNED = "S6"
    FLARE_WINDOW = "S7"
    ASSESSMENT = "S8"
    REFRACTORY = "S9"
    RETREATMENT = "S10"
