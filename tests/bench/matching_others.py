"""Other ways to tell pairs of firms apart, for the table beside ours; none is a dependency."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.bench.matching_pairs import FOLDS, Labelled, folds

FIELDS = ("name", "address", "country", "region")


def told(firm: Any) -> dict[str, str | None]:
    return {name: getattr(firm, name).casefold() or None for name in FIELDS}


def dedupe_scores(pairs: Sequence[Labelled]) -> np.ndarray:
    """dedupe: learnt string distances, logistic regression; trained on four folds of five."""
    from dedupe import Dedupe, variables

    logging.disable(logging.WARNING)
    split = np.array(folds(pairs))
    fields = [variables.String("name"), variables.ShortString("name", name="short name")]
    some = [told(firm) for pair in pairs for firm in (pair.a, pair.b)]
    for name in FIELDS[1:]:
        if len({each[name] for each in some} - {None}) > 1:
            kind = variables.ShortString if name == "address" else variables.Exact
            fields.append(kind(name, has_missing=True))
    scores = np.zeros(len(pairs))
    for fold in range(FOLDS):
        deduper = Dedupe(fields, num_cores=1)
        # Its own blocking is left out: every labelled pair is scored.
        seen = [pair for pair, of in zip(pairs, split, strict=True) if of != fold]
        deduper.classifier.fit(
            deduper.data_model.distances([(told(pair.a), told(pair.b)) for pair in seen]),
            np.array([pair.same for pair in seen]),
        )
        held = np.flatnonzero(split == fold)
        distances = deduper.data_model.distances(
            [(told(pairs[at].a), told(pairs[at].b)) for at in held]
        )
        scores[held] = deduper.classifier.predict_proba(distances)[:, -1]
    return scores


def splink_scores(pairs: Sequence[Labelled]) -> np.ndarray:
    """splink (Fellegi-Sunter): m from the labels of four folds of five, u from random pairs."""
    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator

    logging.disable(logging.WARNING)
    split = np.array(folds(pairs))
    firms = {firm.id: {"unique_id": firm.id, **told(firm)} for p in pairs for firm in (p.a, p.b)}
    table = pd.DataFrame(list(firms.values()))
    comparisons = [cl.JaroWinklerAtThresholds("name", [0.98, 0.92, 0.85, 0.75])]
    comparisons += [
        cl.JaroWinklerAtThresholds(name, [0.95, 0.85, 0.7])
        if name == "address"
        else cl.ExactMatch(name)
        for name in FIELDS[1:]
        if len(set(table[name].dropna())) > 1
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=["1=1"],
    )
    scores = np.zeros(len(pairs))
    for fold in range(FOLDS):
        engine = DuckDBAPI()
        linker = Linker(engine.register(table, dataset_display_name="t"), settings, log_level=40)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        labels = pd.DataFrame(
            [
                {"source_dataset_l": "t", "unique_id_l": min(p.a.id, p.b.id),
                 "source_dataset_r": "t", "unique_id_r": max(p.a.id, p.b.id),
                 "clerical_match_score": 1.0}
                for p, of in zip(pairs, split, strict=True)
                if of != fold and p.same
            ]
        )  # fmt: skip
        linker.training.estimate_m_from_pairwise_labels(
            linker.table_management.register_labels_table(engine.register(labels))
        )
        found = linker.inference.predict(threshold_match_weight=-100).as_pandas_dataframe()
        weight = {
            (low, high): w
            for low, high, w in zip(
                found.unique_id_l, found.unique_id_r, found.match_weight, strict=True
            )
        }
        for at in np.flatnonzero(split == fold):
            a, b = sorted((pairs[at].a.id, pairs[at].b.id))
            scores[at] = weight.get((a, b), weight.get((b, a), -100.0))
    return scores
