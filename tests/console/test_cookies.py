"""A visit goes on when the clock of the desk was put back, or another desk's is ahead."""

import time

import pytest
from itsdangerous import BadSignature, TimestampSigner

from amends.console.cookies import Sessions, Signer


class Elsewhere(TimestampSigner):
    """Signs by a clock that is so many seconds ahead."""

    ahead = 0

    def get_timestamp(self):
        return int(time.time()) + self.ahead


@pytest.mark.parametrize("ahead", [0, 2, 3700])
def test_a_cookie_that_was_signed_by_a_clock_ahead_of_ours_is_good(ahead):
    other = Elsewhere("secret")
    other.ahead = ahead
    assert Signer("secret").unsign(other.sign(b"who"), max_age=60) == b"who"


def test_an_old_one_and_one_of_another_secret_are_not():
    other = Elsewhere("secret")
    other.ahead = -61
    for signed in (other.sign(b"who"), Elsewhere("another").sign(b"who")):
        with pytest.raises(BadSignature):
            Signer("secret").unsign(signed, max_age=60)


def test_the_desk_reads_its_cookie_so(desk):
    assert Sessions in [each.cls for each in desk.app.user_middleware]
