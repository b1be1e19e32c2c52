import pytest

from aimon.errors import SourceError
from aimon.intake.environment import expand, expand_url, masked

AWKWARD = "p@ss/w:rd?#%$é "


def test_a_password_from_the_environment_needs_no_escaping(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "USER_": "ann",
        "PASS": AWKWARD,
        "HOST": "db.example",
        "PORT": "6543",
        "DB": "pre/dictions",
    }.items():
        monkeypatch.setenv(name, value)
    url = expand_url("postgresql+psycopg://$USER_:${PASS}@$HOST:$PORT/$DB?application_name=$USER_&x=$USER_&x=y")
    assert (url.username, url.password, url.host, url.port, url.database) == (
        "ann",
        AWKWARD,
        "db.example",
        6543,
        "pre/dictions",
    )
    assert url.query == {"application_name": "ann", "x": ("ann", "y")}


def test_a_whole_url_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:s3cr%40t@db/loans")
    assert expand_url("$DATABASE_URL").password == "s3cr@t"


def test_a_url_without_variables_is_read_as_it_is() -> None:
    assert expand_url("sqlite:///data/x.db").database == "data/x.db"
    assert expand_url("postgresql://ann:a$$b@db/loans").password == "a$b"


def test_what_is_no_url_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "s3cret")
    for text in ("not a url s3cret", "postgresql://ann:s3cret@host:$PORT/db", "postgresql://ann:s3cret@host:nine/db"):
        with pytest.raises(SourceError) as refused:
            expand_url(text)
        assert "source.url is not a database URL" in str(refused.value)
        assert "s3cret" not in str(refused.value)
        assert refused.value.__cause__ is None


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOWHERE", raising=False)
    with pytest.raises(SourceError) as refused:
        expand("s3://key:s3cret@$NOWHERE/loans")
    assert str(refused.value) == (
        "s3://key:***@$NOWHERE/loans: $NOWHERE is not set in the environment; set it, or write $$ for a dollar sign"
    )


@pytest.mark.parametrize("text", ["data/*.csv", "costs $5", "a$", "100%"])
def test_text_without_variables_is_left_alone(text: str) -> None:
    assert expand(text) == text
    assert masked(text) == text
