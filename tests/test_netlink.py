import os
import socket

import pytest

from hexr_autoinst.netlink import Tuple4, answer, find, question


def pair(family, host):
    listener = socket.socket(family)
    listener.bind((host, 0))
    listener.listen()
    client = socket.create_connection((host, listener.getsockname()[1]))
    served, _ = listener.accept()
    return listener, client, served


def tuple_of(sock, family):
    local, peer = sock.getsockname(), sock.getpeername()
    return Tuple4(socket.inet_pton(family, local[0]), local[1], socket.inet_pton(family, peer[0]), peer[1])


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_both_ends_of_a_real_connection_are_told_apart(family, host):
    listener, client, served = pair(family, host)
    with listener, client, served:
        found = find(tuple_of(client, family))
        other = find(tuple_of(served, family))

        assert (os.fstat(client.fileno()).st_ino, os.geteuid()) == (found.inode, found.uid)
        assert os.fstat(served.fileno()).st_ino == other.inode


def test_a_v4_mapped_address_finds_the_ipv4_socket():
    listener, client, served = pair(socket.AF_INET, "127.0.0.1")
    with listener, client, served:
        plain = tuple_of(client, socket.AF_INET)
        mapped = b"\0" * 10 + b"\xff\xff"
        asked = Tuple4(mapped + plain.local, plain.local_port, mapped + plain.peer, plain.peer_port)

        assert os.fstat(client.fileno()).st_ino == find(asked).inode


def test_a_connection_that_is_not_there_has_no_socket():
    assert find(Tuple4(b"\x7f\0\0\x01", 1, b"\x7f\0\0\x01", 2)) is None


@pytest.mark.parametrize("data", [b"", b"\0" * 16, b"\xff" * 36, b"\x02\0" * 60])
def test_a_reply_that_is_none_is_none(data):
    assert answer(data) is None


def test_a_question_has_the_size_of_inet_diag_req_v2():
    assert len(question(Tuple4(b"\0" * 4, 1, b"\0" * 4, 2))) == 16 + 56
