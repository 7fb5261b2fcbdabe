"""The coefficients of likeness as shipped, and how they came about: data.

SHIPPED are the most probable coefficients given EXPECTED (standard deviation SPREAD) and
- 434 pairs of Korean names of our own making (tests/supplychain/matching/korean_pairs.csv),
- 57 pairs of plants labelled by Open Supply Hub (MIT licence),
- for each of these two, twice as many pairs of its firms that blocking proposes and no label or
  common name connects, and some 1,600 pairs of invented firms: taken to be different firms.
`python -m tests.bench.matching fit` prints them anew. tests/supplychain/matching/korean_unseen.csv
was written afterwards and never fitted.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Coefficients(NamedTuple):
    """Log-odds: the intercept, and what one unit of each feature adds. Plain data, fit for JSON."""

    intercept: float
    weights: Mapping[str, float]


ASK = 0.2  # pairs from here on are worth a person's look

# How far the fitted coefficients may lie from the expected ones: a standard deviation.
SPREAD = 1.0

# What we expect before seeing any pair: written by hand. What no labelled pair tells of (numbers,
# telephones, sectors, processes) stays as it is here.
EXPECTED = Coefficients(
    -2.0,
    {
        "number_same": 12.0, "number_differs": -6.0, "key_same": 1.0, "whole": 2.0, "agreed": 3.0,
        "core_differs": -4.0, "long_same": 1.0, "sound_same": 2.0,
        "trade_differs": -4.0, "trade_more": -2.0, "plant_same": 1.0, "plant_differs": -5.0,
        "plant_more": -1.0, "place_differs": -4.0, "place_more": -0.5, "abroad_more": -2.0,
        "country_differs": -3.0, "region_same": 1.0, "region_differs": -3.0, "address_same": 3.0,
        "address_differs": -1.5, "house_differs": -1.5, "phone_same": 4.0, "phone_differs": -0.5,
        "sector_same": 0.5, "sector_differs": -0.7, "process_same": 0.5, "process_differs": -0.5,
    },
)  # fmt: skip

SHIPPED = Coefficients(
    -2.79,
    {
        "number_same": 12.0, "number_differs": -6.0, "key_same": 0.63, "whole": 0.44,
        "agreed": 4.62, "core_differs": -0.53, "long_same": 1.81, "sound_same": 2.33,
        "trade_differs": -3.74, "trade_more": -1.76, "plant_same": 1.2, "plant_differs": -5.02,
        "plant_more": -1.43, "place_differs": -4.01, "place_more": -0.29, "abroad_more": -1.61,
        "country_differs": -3.45, "region_same": 0.0, "region_differs": -4.71,
        "address_same": 2.69, "address_differs": -1.7, "house_differs": -1.48, "phone_same": 4.0,
        "phone_differs": -0.5, "sector_same": 0.5, "sector_differs": -0.7, "process_same": 0.5,
        "process_differs": -0.5,
    },
)  # fmt: skip
