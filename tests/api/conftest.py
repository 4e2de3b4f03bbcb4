import shutil

import pytest

from amends.incidents.database import Database
from tests.api.world import World, client_for


@pytest.fixture(scope="module")
def world(migrated_sqlite, tmp_path_factory):
    path = tmp_path_factory.mktemp("api") / "record.db"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    with client_for(database) as client:
        yield World(client, database)
    database.dispose()
