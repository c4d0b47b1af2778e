"""Plans of before the dates: their versions get the instants that are known."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import servers
from tests.cast import MONDAY, Cast

BEFORE = ("incidents", "0003_open_by_key")


@pytest.mark.usefixtures("fresh_database")
def test_a_version_began_with_the_first_incident_under_it_and_ended_the_one_before():
    cast = Cast()
    command = cast.actor("director").scope.posts[0].organization_id
    with servers.entered(connection.settings_dict["NAME"], "grid_owner"):
        _back_and_forth(cast, command)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT code, version, valid_from, valid_to FROM incidents_plan "
                "WHERE code IN ('war', 'quake') ORDER BY 1, 2"
            )
            rows = cursor.fetchall()
    begun = MONDAY + timedelta(days=1)
    assert rows == [("quake", 1, None, None), ("war", 1, None, begun), ("war", 2, begun, None)]


def _back_and_forth(cast: Cast, command: int) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE])
    old = executor.loader.project_state([BEFORE]).apps
    plan, incident = old.get_model("incidents", "Plan"), old.get_model("incidents", "Incident")
    for code, version, is_active in (("war", 1, False), ("war", 2, True), ("quake", 1, True)):
        plan.objects.create(
            district_id=cast.district.pk, code=code, version=version, name_zh=code, is_active=is_active
        )
    for day in (2, 1):
        incident.objects.create(
            tenant=cast.district.pk,
            number=f"ZX{day}",
            name="x",
            plan=plan.objects.get(code="war", version=2),
            command_id=command,
            opened_by_id=cast.director.pk,
            opened_at=MONDAY + timedelta(days=day),
        )
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
