import pytest

from aimon.profile.count import count_all
from aimon.sealed.cost import Cost, cost
from aimon.sealed.encoder import Encoder
from aimon.sealed.layout import Layout
from aimon.sealed.seal.parameters import CUBE, THRESHOLD
from aimon.sealed.seal.secret import SecretKey
from tests.sealed.loans import DAY, loans_grid, rows


@pytest.mark.parametrize("chosen", [CUBE, THRESHOLD], ids=lambda each: each.name)
def test_what_is_planned_is_what_a_full_envelope_has(chosen) -> None:  # type: ignore[no-untyped-def]
    layout = Layout(loans_grid(), chosen)
    planned = cost(layout)
    _, public = SecretKey.generate(chosen)
    full = Encoder(layout, public, model="loans", version="1", sender="host", number=0)
    real = len(full.seal(count_all(layout.grid, rows(2000, 1)), DAY).to_bytes())
    assert planned.bytes == pytest.approx(real, rel=0.03)
    assert 0 < planned.add_s < 1
    assert 0 < planned.seal_s < 1


def test_the_cost_of_a_day_and_of_a_month_is_said() -> None:
    said = Cost(bytes=60_000, seal_s=0.0025, add_s=0.0005).told(24)
    assert "an envelope has 60 kB, whatever number of rows it counts" in said
    assert "takes 2.5 ms to seal and 0.5 ms to add here" in said
    assert "24 a day of one host are 1.4 MB a day and 43 MB in 30 days" in said
