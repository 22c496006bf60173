"""A2A's places name what spans tell without content. Whole conversations: tests/test_veil.py."""

import json

from hexr_autoinst.dissect.protocols.a2a_places import CALL, CARD, of_grpc
from hexr_autoinst.dissect.veil import veiled_frame
from hexr_autoinst.model.exchange import Frame


def seen(value, kept=CALL):
    return json.loads(veiled_frame(Frame(1, "sse", "", json.dumps(value)), kept).data)


def test_of_a_message_stay_its_ids():
    message = {"messageId": "m 1", "contextId": "c", "role": "user", "parts": [{"text": "Hello", "n": 5}], "metadata": {"age": 5, "x": {"clientId": "desk"}}}  # fmt: skip
    veil = {"messageId": "m 1", "contextId": "c", "role": "~ 16", "parts": [{"~0": "~ 16", "~1": 0}], "metadata": {"age": 0, "x": {"clientId": "desk"}}}  # fmt: skip

    assert seen({"message": message}) == {"message": veil}
    assert seen({"jsonrpc": "2.0", "params": {"message": message}}) == {"jsonrpc": "2.0", "params": {"message": veil}}  # fmt: skip


def test_of_a_task_stay_its_ids_and_its_state():
    status = {"state": "TASK_STATE_WORKING", "timestamp": "now", "message": {"parts": [{"text": "Hello"}]}}
    task = {"id": "t", "contextId": "c", "status": status, "artifacts": [{"parts": [{"data": {"n": 5}}]}]}
    veil = {**task, "status": {"state": "TASK_STATE_WORKING", "timestamp": "~ 16", "message": {"~0": [{"~0": "~ 16"}]}}, "artifacts": [{"~0": [{"~0": {"~0": 0}}]}]}  # fmt: skip

    assert seen({"result": {"task": task}}) == {"result": {"task": veil}}
    assert seen({"tasks": [task]}) == {"tasks": [veil]}
    assert seen({"result": task}) == {"result": veil}


def test_of_a_card_stay_name_version_and_addresses():
    card = {"name": "An agent", "description": "Hello", "skills": [{"id": "s"}], "supportedInterfaces": [{"url": "http://h/x", "protocolBinding": "GRPC"}]}  # fmt: skip

    assert seen(card, CARD) == {**card, "description": "~ 16", "skills": [{"~0": "~ 16"}]}


def test_a_call_by_grpc_names_fields_by_number():
    kept = of_grpc("SendMessage", "lf.a2a.v1")

    assert {"/", "<2.1", ">3.3.1"} < set(kept)
    assert "<1.1" in of_grpc("SendMessage", "a2a.v1")
    assert "message.messageId!" not in kept
