"""Where a chain breaks: pure computations on a network of firms. No database, no files.

>>> from supplychain.risk.network import network
>>> from supplychain.risk.esri import esri
>>> chain = network([("mine", "smelter", 1.0), ("smelter", "press", 3.0), ("x", "press", 4.0)])
>>> {firm: round(share, 3) for firm, share in esri(chain).items()}
{'mine': 0.5, 'press': 1.0, 'smelter': 0.5, 'x': 0.5}
"""
