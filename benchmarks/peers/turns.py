"""Whoever is measured next to others takes turns with them, of several steps each."""


def turn(step, seconds):
    """Milliseconds of the steps of a turn: at least one, and as many as fill those seconds.

    A step before them is not counted. It meets what the one before left behind, and which of them
    that was says nothing about this one: caches with other data, threads that still spin.
    """
    step()
    times = [step()]
    while sum(times) < seconds * 1e3:
        times.append(step())
    return times


def orders(all_of_them, rounds):
    """The order of each round: there and back, and then from another beginning, so that nobody
    always comes after the same neighbour."""
    for number in range(rounds):
        begin = number // 2 % len(all_of_them)
        order = all_of_them[begin:] + all_of_them[:begin]
        yield order[::-1] if number % 2 else order
