"""Bytes changed at random places, without a thought of what they mean."""

import random

LARGE = [0, 1, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1]


def mutated(content: bytes, generator: random.Random) -> bytes:
    """Change a few places of it."""
    found = bytearray(content)
    for _ in range(generator.choice([1, 1, 1, 2, 4, 8])):
        place = generator.randrange(len(found) + 1)
        # Headers are short, and decide most.
        place = min(place, generator.randrange(200)) if generator.random() < 0.5 else place
        length = generator.choice([1, 1, 2, 4, 8, 32])
        match generator.randrange(6):
            case 0:
                found[place : place + length] = generator.randbytes(length)
            case 1:
                del found[place : place + length]
            case 2:
                found[place:place] = generator.randbytes(length)
            case 3:
                found[place:place] = found[place : place + 8 * length]
            case 4:
                size, order = generator.choice([2, 4, 8]), generator.choice(["big", "little"])
                number = generator.choice(LARGE) % 2 ** (8 * size)
                found[place : place + size] = number.to_bytes(size, order)
            case _:
                del found[place + generator.randrange(200) :]
        if not found:
            break
    return bytes(found)
