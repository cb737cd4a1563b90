"""A signal whose exception was swallowed is raised again at the next step."""

import contextlib
import os
import signal

import pytest

from toolkit.cli.show import Lines
from toolkit.cli.signals import Terminated, listening


@pytest.mark.parametrize(("number", "error"), [(signal.SIGTERM, Terminated), (signal.SIGINT, KeyboardInterrupt)])
def test_a_swallowed_signal_is_raised_at_the_next_step(number, error):
    with listening() as heard:
        with contextlib.suppress(BaseException):
            os.kill(os.getpid(), number)
        assert heard == [number]
        with pytest.raises(error):
            Lines().step("next")


def test_each_listening_begins_anew():
    with listening(), contextlib.suppress(BaseException):
        os.kill(os.getpid(), signal.SIGTERM)
    with listening() as heard:
        Lines().step("nothing was heard")
        assert heard == []
