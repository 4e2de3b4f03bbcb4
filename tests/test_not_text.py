"""Files that owners save in another encoding: each loader says which file it is, and that it is not text in UTF-8."""

import shutil

import pytest

from amends.cases import CaseError, load_cases
from amends.drafts import DraftsError
from amends.drafts.kinds import load_organisation
from amends.drills.library import DrillError, load_drills
from amends.flows import FlowError, load_flow
from amends.flows.expected import load_expected
from amends.policies import PolicyError, load_library
from amends.settings import ROOT


@pytest.mark.parametrize(
    ("file", "load", "error"),
    [
        ("cases/odd.yml", lambda data, _: load_cases(data / "cases", None), CaseError),
        ("drills/99_odd.yml", lambda data, _: load_drills(data), DrillError),
        ("policies/odd.yml", lambda data, _: load_library(data / "policies"), PolicyError),
        ("expected/odd.yml", lambda _, file: load_expected(file), FlowError),
        ("flows/odd.yml", lambda _, file: load_flow(file), FlowError),
        ("drafts/odd.yml", lambda _, file: load_organisation(file), DraftsError),
    ],
)
def test_a_file_that_is_not_in_utf_8_is_named(file, load, error, tmp_path):
    data = tmp_path / "data"
    for folder in ("cases", "drills", "policies"):
        shutil.copytree(ROOT / "data" / folder, data / folder)
    (data / file).parent.mkdir(exist_ok=True)
    (data / file).write_bytes("title: Caf\xe9\n".encode("latin-1"))
    with pytest.raises(error, match=r"odd\.yml:1:1: .*it is not text in UTF-8"):
        load(data, data / file)
