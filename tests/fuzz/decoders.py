"""Fuzzes one target, guided by the branches that it takes: `python -m tests.fuzz.decoders TARGET [libFuzzer options]`.

Only the fuzzer's own process may import what is measured, so each target gets one. Every ten seconds it says how often
the target was run.
"""

import random
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["cds_service", "hooks", "jwt"]):
    from tests.fuzz.mutation import mutated
    from tests.fuzz.targets import TARGETS

SECONDS = 10


def main() -> None:
    """Never returns: libFuzzer ends the process."""
    target = TARGETS[sys.argv.pop(1)]
    seeded = Path(sys.argv[-1])
    for number, seed in enumerate(target.seeds()):
        (seeded / f"{target.name}-{number:03d}").write_bytes(seed)
    count, told = 0, time.monotonic()

    def run(data: bytes) -> None:
        nonlocal count, told
        target.run(data)
        count += 1
        if count % 64 == 0 and time.monotonic() - told >= SECONDS:
            told = time.monotonic()
            print(f"executions: {count}", file=sys.stderr, flush=True)

    def change(data: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        made = mutated(data, chance) if chance.random() < 0.6 else None
        return made if made is not None and len(made) <= longest else atheris.Mutate(data, longest)

    atheris.Setup([*sys.argv, f"-max_len={target.longest}"], run, custom_mutator=change if target.is_json else None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
