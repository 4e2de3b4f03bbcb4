"""Who is what, by the groups that a provider names."""

import pytest

from amends.access.claims import person_of
from amends.settings import Settings


@pytest.mark.parametrize(
    ("setting", "leads"),
    [
        ('"Comms, leads", press', {"Comms, leads", "press"}),
        ('"CN=comms,OU=staff,DC=example"', {"cn=COMMS,ou=staff,dc=example"}),
        ("comms-leads, press ,", {"comms-leads", "press"}),
        ('say "hello"', {'say "hello"'}),
        ('"never closed', {"never closed"}),
        ("", set()),
    ],
)
def test_groups_stand_between_commas_and_those_that_hold_commas_in_quotes(setting, leads):
    settings = Settings(_env_file=None, role_lead=setting)
    groups = {"Comms, leads", "press", "CN=comms,OU=staff,DC=example", "comms-leads", 'say "hello"', "never closed"}
    groups |= {"Comms", "leads", "CN=comms", ""}
    found = {
        group
        for group in groups
        if "lead" in person_of(settings, "oidc", {"sub": "1", "name": "Ada", "groups": [group]}).roles
    }
    assert {each.casefold() for each in found} == {each.casefold() for each in leads}
