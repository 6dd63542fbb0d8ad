"""The tests reach this machine and nothing else."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


def test_no_test_reaches_another_host():
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
