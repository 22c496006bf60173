"""Stand-ins, over TLS, for what agents reach in the world: a token endpoint (OAuth 2), AWS's STS and S3, a vault; as their documents show the answers."""

import contextlib
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser>
<AssumedRoleId>AROAPLANTED:analyst</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/analyst/analyst</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAPLANTED012345678</AccessKeyId><SecretAccessKey>PLANTEDsecret</SecretAccessKey>
<SessionToken>PLANTEDsession0123456789</SessionToken><Expiration>2037-01-05T10:15:00Z</Expiration></Credentials></AssumeRoleResult>
<ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata></AssumeRoleResponse>"""
ANSWERS = {
    "/": ("text/xml", ASSUMED),
    "/oauth2/token": {"access_token": "PLANTEDtoken0123456789", "expires_in": 600, "token_type": "Bearer"},
    "/v1/secret/data/agents/db": {"data": {"data": {"pw": "PLANTEDvalue"}, "metadata": {"version": 1}}, "lease_duration": 0},
    "/v1/secret/data/openai/api-key": {"data": {"data": {"key": "PLANTEDvalue"}, "metadata": {"version": 4}}, "lease_duration": 0},
    "/reports/q3.csv": ("text/csv", "month,sum\n7,31\n8,30\n"),
}  # fmt: skip


class StandIn(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = ANSWERS.get(self.path, {})
        kind, text = answer if isinstance(answer, tuple) else ("application/json", json.dumps(answer))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_POST(self):
        self.do_GET()

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def served(certificate):
    """The base address, which proxy variables do not except."""
    server = ThreadingHTTPServer(("127.0.0.2", 0), StandIn)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.2:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
