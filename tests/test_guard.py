"""The tests reach this machine and nothing else."""

import socket

import pytest


def test_no_test_reaches_another_host():
    # A warning first, which is an error here, then an error of its own.
    with pytest.raises(UserWarning, match=r'with host "192\.0\.2\.1"'):
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
