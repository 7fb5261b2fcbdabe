"""Where a chain breaks: pure computations on a network of firms. No database, no files.

Tiers and chokepoints from links alone:

>>> from supplychain.risk.chokepoints import chokepoints, hidden_diamonds
>>> from supplychain.tiers import tiers_from
>>> links = [("mine", "smelter"), ("smelter", "a"), ("smelter", "b"), ("a", "oem"), ("b", "oem")]
>>> tiers_from("oem", links)
{'oem': 0, 'a': 1, 'b': 1, 'smelter': 2, 'mine': 3}
>>> print(chokepoints("oem", links)[0].reason)
1 firm reaches the lead firm only through smelter, as far as links are known.
>>> [each.firm for each in hidden_diamonds("oem", links, {"bolts": ["a", "b"]})]
['smelter', 'mine']

With weights, levels and ESRI, the share of all sales that is lost with one firm:

>>> from supplychain.risk.esri import esri
>>> from supplychain.risk.levels import levels
>>> from supplychain.risk.network import network
>>> chain = network([("mine", "smelter", 1.0), ("smelter", "press", 3.0), ("x", "press", 4.0)])
>>> dict(zip(chain.firms, levels(chain).tolist()))
{'mine': 0.0, 'press': 2.0, 'smelter': 1.0, 'x': 1.0}
>>> {firm: round(share, 3) for firm, share in esri(chain).items()}
{'mine': 0.5, 'press': 1.0, 'smelter': 0.5, 'x': 0.5}

With parts, stocks and demand, how long a product lasts without a firm:

>>> from supplychain.risk.case_file import case_of
>>> from supplychain.risk.survival import survive
>>> case = case_of({"products": ["car"], "suppliers": ["press"], "demand_per_day": {"car": 10},
...     "inputs": {"car": {"door": ["press"]}}, "inventory": {"car": 20, "press": 30}})
>>> survive(case, ["press"], [7])
{'down': ['press'], 'TTS': 5.0, 'lost_margin': {'7': 20.0}}
"""
