"""The scenario once more, as plainly as its formula reads: no arrays, no sorting."""

from collections import defaultdict


def slow(size, links, stock_of, finished, stops, horizon, weight_of=None, limit=None):
    """Shortage of each day. links: (supplier, buyer, item, share); shares add up to 1 at most.

    stock_of: (buyer, item) → days; weight_of: (buyer, item) → weight where it does not stop the
    line; limit: days after which anybody else delivers.
    """
    weight_of = weight_of or {}
    inputs = defaultdict(lambda: defaultdict(list))
    for supplier, buyer, item, share in links:
        inputs[buyer][item].append((supplier, share))
    course = [[0.0] * size]
    for day in range(1, horizon + 1):
        before, now = course[-1], []
        for firm in range(size):
            own = before[firm] + max(
                (taken(stop, day) for stop in stops if firm in stop.firms), default=0.0
            )
            line, pooled = 0.0, 0.0
            for item, of in inputs[firm].items():
                lack = 0.0
                for supplier, share in of:
                    told = max(0.0, before[supplier] - finished[supplier])
                    lack += share * (min(told, limit) if limit is not None else told)
                lack = max(0.0, lack - stock_of[firm, item])
                if (firm, item) in weight_of:
                    pooled += weight_of[firm, item] * lack
                else:
                    line = max(line, lack)
            now.append(max(own, line, pooled))
        course.append(now)
    return course


def taken(stop, day):
    """What a stop takes of a day."""
    if day < stop.first or not stop.days:
        return 0.0
    if day < stop.first + stop.days:
        return 1.0
    return max(0.0, 1.0 - (day - stop.first - stop.days + 1) / (stop.ramp + 1))
