"""Choices that can be replayed: a seed makes a tape of numbers, a shorter or smaller tape makes a simpler request."""

import random


class Draw:
    """Draws from a seed, or from a tape; what is missing from a tape is 0, the simplest choice."""

    def __init__(self, seed=0, tape=None):
        self.random, self.given, self.tape = random.Random(seed), tape, []

    def below(self, count):
        if self.given is None:
            value = self.random.randrange(count)
        else:
            at = len(self.tape)
            value = self.given[at] % count if at < len(self.given) else 0
        self.tape.append(value)
        return value

    def chance(self, percent):
        return self.below(100) >= 100 - percent

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def pick(self, items):
        return items[self.below(len(items))]

    def some(self, items, low, high):
        """Between `low` and `high` of the items, in any order."""
        rest = list(items)
        return [rest.pop(self.below(len(rest))) for _ in range(min(self.between(low, high), len(rest)))]


def shrink(tape, still_wrong, tries=400):
    """A tape that is no longer and still wrong: chunks are cut out, then numbers made 0."""
    size = max(len(tape) // 2, 1)
    while size and tries > 0:
        at = 0
        while at < len(tape) and tries > 0:
            for candidate in (tape[:at] + tape[at + size:], tape[:at] + [0] * len(tape[at:at + size]) + tape[at + size:]):
                if candidate != tape:
                    tries -= 1
                    if still_wrong(candidate):
                        tape = candidate
                        break
            else:
                at += size
                continue
            at += size if candidate and len(candidate) == len(tape) and size else 0
        size //= 2
    return tape
