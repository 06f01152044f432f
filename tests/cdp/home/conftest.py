import pytest

from cdp.home import kept, live


@pytest.fixture(autouse=True)
def time_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests counts slowly: here nothing is put off for that."""
    monkeypatch.setattr(kept, "WITHIN_MS", 20_000)
    monkeypatch.setattr(kept, "QUICK_S", 20.0)
    monkeypatch.setattr(live, "WITHIN_MS", 20_000)
