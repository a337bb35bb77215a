"""What happened in the demonstration city: one module a feature, every act through that feature's own operations.

A story is a generator that yields the moment of its next act (see `timeline`). Together they leave every object in
every state it can have, so that each page of a fresh portal has something to show.
"""

from portal.demo.stage import Stage
from portal.demo.stories import (
    archive,
    books,
    campaigns,
    connections,
    counter,
    evidence,
    grievances,
    inspection,
    inspectors,
    lists,
    mandates,
    measures,
    on_site,
    premises,
    programs,
    registry,
    sheets,
    signing,
    upkeep,
    watching,
    works,
)
from portal.demo.timeline import Story


def all_stories(stage: Stage) -> list[Story]:
    """Every story of the city, the registry's first: at the same moment it acts before the others."""
    features = (
        registry,
        archive,
        upkeep,
        books,
        lists,
        inspection,
        inspectors,
        campaigns,
        evidence,
        connections,
        on_site,
        watching,
        counter,
        signing,
        mandates,
        measures,
        grievances,
        works,
        premises,
        programs,
        sheets,
    )
    return [story for feature in features for story in feature.stories(stage)]
