"""Where a chain breaks: pure computations on a network of firms. No database, no files.

>>> from supplychain.risk.network import network
>>> from supplychain.risk.esri import esri
>>> chain = network([("mine", "smelter", 1.0), ("smelter", "press", 1.0)])
>>> {firm: round(share, 3) for firm, share in esri(chain).items()}
{'mine': 1.0, 'press': 0.5, 'smelter': 1.0}
"""
