import numpy as np
import pytest

from labs.plants import FEATURES, SCATTER, Wander, injection_moulding

SEEDS = range(300, 312)


def test_the_same_seed_gives_the_same_day():
    assert injection_moulding(5, 200).equals(injection_moulding(5, 200))
    assert not injection_moulding(5, 200).equals(injection_moulding(6, 200))


def test_columns_and_types():
    day = injection_moulding(1, 50)
    assert [*day.columns] == ["shot", "time", *FEATURES, "defect"]
    assert day["shot"].tolist() == list(range(1, 51))
    assert day["time"].is_monotonic_increasing
    assert set(day["defect"]) <= {0, 1}
    assert not day.isna().any().any()


def test_few_shots_are_defective_and_severity_scales_them():
    rates = [injection_moulding(seed)["defect"].mean() for seed in SEEDS]
    assert 0.04 <= np.mean(rates) <= 0.08
    harder = [injection_moulding(seed, severity=2.0)["defect"].mean() for seed in SEEDS]
    assert np.mean(harder) > 1.4 * np.mean(rates)
    assert injection_moulding(1, severity=0.0)["defect"].mean() < 0.03


def test_a_model_finds_most_defects_but_not_all():
    import pandas as pd
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import average_precision_score

    learnt = pd.concat([injection_moulding(seed) for seed in range(6)])
    judged = pd.concat([injection_moulding(seed) for seed in SEEDS])
    model = HistGradientBoostingClassifier(max_iter=60).fit(learnt[[*FEATURES]], learnt["defect"])
    chance = model.predict_proba(judged[[*FEATURES]])[:, 1]
    assert 0.7 < average_precision_score(judged["defect"], chance) < 0.95


@pytest.mark.parametrize("sensor", sorted(SCATTER))
def test_a_wandering_sensor_changes_its_own_readings_alone(sensor):
    straight = injection_moulding(9, 1000)
    bent = injection_moulding(9, 1000, wander=Wander(sensor, start=0.5, over=0.2, reach=8))
    others = [name for name in straight if name != sensor]
    assert bent[others].equals(straight[others])
    added = bent[sensor] - straight[sensor]
    assert np.allclose(added[:500], 0)
    assert np.allclose(added[700:], 8 * SCATTER[sensor], atol=0.06)


def test_missing_readings():
    day = injection_moulding(3, 2000, missing=0.05)
    assert 0.03 < day["cushion"].isna().mean() < 0.07
    assert not day["defect"].isna().any()


def test_physics_points_the_right_way():
    day = injection_moulding(11, 6000)
    cold = day["melt_temperature"] < day["melt_temperature"].quantile(0.02)
    assert day.loc[cold, "injection_pressure"].mean() > day["injection_pressure"].mean()
    leaking = day["cushion"] < 3
    assert day.loc[leaking, "holding_pressure"].mean() < day["holding_pressure"].mean()
    assert day.loc[leaking, "defect"].mean() > 5 * day["defect"].mean()
