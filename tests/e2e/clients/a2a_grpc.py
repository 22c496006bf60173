"""A2A 1.0 over gRPC in the clear. usage: a2a_grpc.py serve ALL; prints its port. a2a_grpc.py send PORT CHANNELS CALLS, all at once.

No call is answered before all have come, so that all are open together. Each names its message by its number, and its task is named so too.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc

METHOD = "/lf.a2a.v1.A2AService/SendMessage"


def field(number, data):
    """A field of Protocol Buffers that holds bytes shorter than 128."""
    return bytes((number << 3 | 2, len(data))) + data


def serve(together):
    arrived = threading.Barrier(together)

    def answer(asked, _context):
        arrived.wait(60)
        number = asked[4:]  # SendMessageRequest.message.message_id
        completed = b"\x1a\x02\x08\x03"  # Task.status.state
        return field(1, field(1, b"task-" + number) + completed)

    server = grpc.server(ThreadPoolExecutor(together))
    handler = grpc.unary_unary_rpc_method_handler(answer)
    service, _, name = METHOD[1:].partition("/")
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, {name: handler})])
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    server.wait_for_termination()


def send(port, channels, calls):
    own = [("grpc.use_local_subchannel_pool", 1)]  # a connection each
    pending = []
    for c in range(channels):
        ask = grpc.insecure_channel(f"127.0.0.1:{port}", own).unary_unary(METHOD)
        for n in range(calls):
            number = b"%03d" % (c * calls + n)
            pending.append(ask.future(field(2, field(1, number)), wait_for_ready=True))
    print(len({future.result(60) for future in pending}))


verb, *numbers = sys.argv[1:]
{"serve": serve, "send": send}[verb](*map(int, numbers))
