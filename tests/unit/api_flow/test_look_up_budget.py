from __future__ import annotations

import pytest

from flovify.api.intake.budget import LookUpBudget, Rate
from tests.support.seconds import Seconds


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def budget(seconds: Seconds) -> LookUpBudget:
    return LookUpBudget(seconds, of_network=Rate(10, 2), of_all=Rate(25, 5))


def test_a_network_spends_its_burst_and_earns_it_back(budget: LookUpBudget, seconds: Seconds) -> None:
    assert budget.take("one", 6)
    assert not budget.take("one", 5), "all or none"
    assert budget.take("one", 4)
    assert not budget.take("one", 1)
    seconds.now += 1
    assert budget.take("one", 2)
    assert not budget.take("one", 1)
    seconds.now += 1000
    assert not budget.take("one", 11)
    assert budget.take("one", 10)


def test_one_network_s_spending_is_not_another_s(budget: LookUpBudget) -> None:
    assert budget.take("one", 10)
    assert budget.take("two", 10)
    assert not budget.take("one", 1)


def test_many_networks_share_one_budget(budget: LookUpBudget, seconds: Seconds) -> None:
    assert [budget.take(name, 10) for name in "abc"] == [True, True, False]
    assert budget.take("c", 5)
    assert not budget.take("d", 1)
    seconds.now += 1
    assert budget.take("d", 5)


def test_made_up_networks_do_not_fill_the_memory(budget: LookUpBudget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flovify.api.intake.budget.MAX_NETWORKS", 50)
    for number in range(500):
        budget.take(str(number), 0)
    assert len(budget._networks) == 50
