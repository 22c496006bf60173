"""What holds for every test."""

import signal

# A shell's background job ignores SIGINT, and so would all that the tests start and end by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
