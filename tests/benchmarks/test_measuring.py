"""Rates are taken in turns, and compared within a turn."""

import json

import pytest

from benchmarks import report
from benchmarks.lag import Lags
from benchmarks.measuring import Figure, interleaved


def test_jobs_take_turns_and_every_second_turn_goes_backwards():
    done = []
    jobs = {name: lambda name=name: done.append(name) or len(done) for name in "ab"}

    figures = interleaved(jobs, 3, lambda _line: None)

    assert done == ["a", "b", "b", "a", "a", "b"]
    assert figures == {"a": Figure(values=(1, 4, 5)), "b": Figure(values=(2, 3, 6))}


def test_a_ratio_is_taken_turn_by_turn():
    fast, slow = Figure(values=(10, 30, 20)), Figure(values=(5, 10, 5))

    ratio = fast.over(slow)

    assert (ratio.median, ratio.low, ratio.high) == (3, 2, 4)


@pytest.mark.parametrize(("percent", "lag"), [(50, 51), (99, 100), (100, 100)])
def test_a_percentile_is_the_lag_that_so_many_stay_under(percent, lag):
    seconds = [float(number) for number in range(100, 0, -1)]

    assert Lags(seconds=seconds, worker_mb=0).percentile(percent) == lag


@pytest.mark.django_db
def test_the_file_holds_the_figures_that_have_a_key(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(report, "say", lambda _line: None)
    told = report.Report("title")
    told.add("a rate", Figure(values=(1_000.0,)), unit=" /s")
    told.add("a ratio", Figure(values=(0.5, 0.61234, 0.7)), key="sql_limit_ratio", aim="≥ 0.5")

    told.finish(pending=10)
    part = report.Report("a part of it")
    part.add("another ratio", Figure(values=(2.5,)), key="create_ratio_c1")
    part.finish(partly=True)

    written = json.loads((tmp_path / "results.json").read_text())
    assert written == {
        "sql_limit_ratio": 0.6123,
        "pending": 10,
        "create_ratio_c1": 2.5,
        "machine": report.machine(),
        "load": round(part.load, 1),
    }
