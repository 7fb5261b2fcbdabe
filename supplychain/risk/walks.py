"""Walks through a network that is held in arrays, compiled with numba. Pure.

`start`, `supplier`: firm j buys of supplier[start[j]:start[j + 1]].
"""

import numpy as np

from supplychain.risk.lanes import compiled

# The compiler infers the types of these functions from the arrays that it is given.
# ruff: noqa: ANN001, ANN201, ANN202


@compiled
def by_buyer(suppliers, buyers, firms):
    """Sort links by buyer, in two passes: (start, supplier)."""
    start = np.zeros(firms + 1, np.int64)
    for buyer in buyers:
        start[buyer + 1] += 1
    for firm in range(firms):
        start[firm + 1] += start[firm]
    free = start[:-1].copy()
    supplier = np.empty(len(buyers), np.int32)
    for link in range(len(buyers)):
        buyer = buyers[link]
        supplier[free[buyer]] = suppliers[link]
        free[buyer] += 1
    return start, supplier


@compiled
def distances(start, supplier, root, most, without=-1):
    """Breadth-first steps from `root`, -1 where there is no way; at most `most` steps if not -1.

    No way leads through the firm `without`.
    """
    firms = len(start) - 1
    steps = np.full(firms, -1, np.int32)
    line = np.empty(firms, np.int32)
    steps[root] = 0
    line[0] = root
    at, end = 0, 1
    while at < end:
        firm = line[at]
        at += 1
        if steps[firm] == most:
            break
        for link in range(start[firm], start[firm + 1]):
            one = supplier[link]
            if steps[one] < 0 and one != without:
                steps[one] = steps[firm] + 1
                line[end] = one
                end += 1
    return steps


@compiled
def dominators(start, supplier, root):
    """(order, over, count) of the dominator tree from `root`, in the order of a walk down it.

    order: firms; over: the place in `order` of the nearest dominator, -1 for the root;
    count: firms below. Firms that no way reaches are left out.
    """
    seen, parent, visited = _depth_first(start, supplier, root)
    nearest = _semidominators(start, supplier, seen, parent, visited)
    for one in range(1, visited):
        over = parent[one]
        while over > nearest[one]:
            over = nearest[over]
        nearest[one] = over  # a semidominator until here, the dominator from here on
    nearest[0] = -1
    below = np.zeros(visited, np.int32)
    for one in range(visited - 1, 0, -1):
        below[nearest[one]] += below[one] + 1
    # Dominators stand before those below them: so each place follows from its dominator's.
    place, free = np.zeros(visited, np.int32), np.zeros(visited, np.int32)
    order, over_of = np.empty(visited, np.int32), np.empty(visited, np.int32)
    count = np.empty(visited, np.int32)
    for one in range(visited):
        if one:
            over = nearest[one]
            place[one] = free[over]
            free[over] += below[one] + 1
        free[one] = place[one] + 1
        at = place[one]
        order[at], count[at] = seen[one], below[one]
        over_of[at] = place[nearest[one]] if one else -1
    return order, over_of, count


@compiled
def _depth_first(start, supplier, root):
    """(firms in the order of the visit, each one's parent by that order, how many)."""
    firms = len(start) - 1
    seen, parent = np.empty(firms, np.int32), np.zeros(firms, np.int32)
    number = np.full(firms, -1, np.int32)
    stack, due = np.empty(firms, np.int32), start[:-1].copy()
    stack[0], seen[0], number[root] = root, root, 0
    depth, visited = 1, 1
    while depth:
        firm = stack[depth - 1]
        if due[firm] == start[firm + 1]:
            depth -= 1
            continue
        one = supplier[due[firm]]
        due[firm] += 1
        if number[one] < 0:
            number[one], parent[visited], seen[visited] = visited, number[firm], one
            stack[depth] = one
            visited += 1
            depth += 1
    return seen, parent, visited


@compiled
def _semidominators(start, supplier, seen, parent, visited):
    """By Lengauer and Tarjan (1979) with path compression, in the numbers of the visit."""
    firms = len(start) - 1
    number = np.full(firms, -1, np.int32)
    for one in range(visited):
        number[seen[one]] = one
    # The ways into each firm: its buyers that were visited.
    into = np.zeros(visited + 1, np.int64)
    for one in range(visited):
        for link in range(start[seen[one]], start[seen[one] + 1]):
            into[number[supplier[link]] + 1] += 1
    into = np.cumsum(into)
    free, buyer = into[:-1].copy(), np.empty(into[-1], np.int32)
    for one in range(visited):
        for link in range(start[seen[one]], start[seen[one] + 1]):
            to = number[supplier[link]]
            buyer[free[to]] = one
            free[to] += 1
    semi, label = np.arange(visited).astype(np.int32), np.arange(visited).astype(np.int32)
    above, path = parent.copy(), np.empty(visited, np.int32)
    for one in range(visited - 1, 0, -1):
        for link in range(into[one], into[one + 1]):
            best = _lowest(buyer[link], one, above, semi, label, path)
            semi[one] = min(semi[one], semi[best])
        label[one] = one
    return semi


@compiled
def _lowest(firm, last, above, semi, label, path):
    """The firm of the lowest semidominator on the way up, among those after `last`; compresses."""
    if firm <= last:
        return firm
    length, one = 0, firm
    while above[one] > last:
        path[length] = one
        length += 1
        one = above[one]
    for at in range(length - 1, -1, -1):
        one = path[at]
        if semi[label[above[one]]] < semi[label[one]]:
            label[one] = label[above[one]]
        above[one] = above[above[one]]
    return label[firm]
