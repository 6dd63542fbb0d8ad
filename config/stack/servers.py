"""PostgreSQL and Valkey as programs of the supervisor."""

import signal
from dataclasses import dataclass
from functools import partial

from config.stack import postgres, valkey
from config.stack.place import Place
from config.stack.supervisor import Program


@dataclass(frozen=True)
class Addresses:
    database_url: str
    redis_url: str

    def env(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


def database(place: Place, settings: dict[str, str] | None = None) -> Program:
    data = postgres.prepare(place)
    return Program(
        name="postgres",
        argv=postgres.command(place, data, settings or {}),
        rank=3,
        stop_signal=signal.SIGINT,
        patience=postgres.PATIENCE,
        account=place.account,
        is_ready=partial(postgres.is_ready, place),
        before=partial(postgres.wait_until_free, data),
    )


def broker(place: Place) -> Program:
    return Program(
        name="valkey",
        argv=valkey.command(place),
        rank=2,
        account=place.account,
        is_ready=partial(valkey.is_ready, place),
    )
