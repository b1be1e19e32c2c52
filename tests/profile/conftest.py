"""What the tests of counting share: no deadlines, as two busy cores make timings mean nothing; the nasty rows."""

import pyarrow as pa
import pytest
from hypothesis import settings

from tests.profile.nasty_rows import nasty_rows

settings.register_profile("profile", deadline=None, max_examples=60)
settings.load_profile("profile")


@pytest.fixture(scope="session")
def rows() -> pa.Table:
    """Rows with everything that goes wrong."""
    return nasty_rows()
