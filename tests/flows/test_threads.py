"""Several people use the desk at once: what the solver is asked in one thread does not disturb the others."""

import os
import subprocess
import sys

from amends.settings import ROOT

SCRIPT = """
import sys, threading
if sys.argv[1:] == ["shared"]:  # how it was: everything in z3's one context, which does not survive this
    import z3
    z3.Context = z3.main_ctx
from amends.flows import next_question, parse_flow
from amends.flows.prove import prove
from tests.flows.small import SMALL

def work(n):
    for k in range(40):
        flow = parse_flow(f"{SMALL}\\n# {n} {k}")
        found.add(str(prove(flow)))
        asked.add(next_question(flow, {}))

found, asked = set(), set()
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(found) == len(asked) == 1, (found, asked)
print("done")
"""


def run(*words):
    # In a process of its own: when it goes wrong, z3 takes the process with it.
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_proofs_and_questions_in_four_threads_at_once():
    done = run()
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr[-2000:]
