"""A strict OpenID Connect provider on this machine: codes work once, proofs are checked, tokens are signed."""

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "amends"
SECRET = "a client's secret & more"


class Provider:
    """`claims` is what it says of whoever comes; `spoil` changes an ID token's claims before they are signed."""

    def __init__(self, *, proof=True):
        self.claims = {"sub": "u-1", "name": "Ada Okafor"}
        self.spoil = lambda claims: claims
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.signs_with = self.key
        self.mistakes = []
        self.down = False
        self.calls_itself = None
        self.redirects = set()
        self.denies = False
        self._proof = proof
        self._codes = {}

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.port}"

    def metadata(self):
        return {
            "issuer": self.calls_itself or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
        }

    def authorize(self, asked):
        """Where the browser is sent back to: here nobody has to type anything."""
        self._check(asked.get("response_type") == "code", "response_type")
        self._check(asked.get("client_id") == CLIENT, "client_id")
        self._check("openid" in asked.get("scope", "").split(), "scope")
        self._check(bool(asked.get("state")) and bool(asked.get("nonce")), "state and nonce")
        self._check(asked.get("redirect_uri") in self.redirects, f"redirect_uri {asked.get('redirect_uri')}")
        if self._proof:
            self._check(asked.get("code_challenge_method") == "S256", "proof")
        if self.denies:
            return asked["redirect_uri"] + "?" + urlencode({"error": "access_denied", "state": asked["state"]})
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})

    def token(self, form, authorization):
        user, _, password = base64.b64decode(authorization.partition(" ")[2]).decode().partition(":")
        self._check((user, password) == (CLIENT, SECRET), "client's secret")
        asked = self._codes.pop(form.get("code"), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        if self._proof:
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
                return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, self.spoil(claims), self.signs_with)
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": signed}

    def _check(self, right, what):
        if not right:
            self.mistakes.append(what)


@contextmanager
def running_provider(**how):
    provider = Provider(**how)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            if provider.down:
                self._send(503, {"error": "down"})
            elif parts.path == "/.well-known/openid-configuration":
                self._send(200, provider.metadata())
            elif parts.path == "/keys":
                self._send(200, {"keys": [provider.key.as_dict(private=False)]})
            elif parts.path == "/authorize":
                self.send_response(302)
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()
            else:
                self._send(404, {})

        def do_POST(self):
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            self._send(*provider.token(form, self.headers.get("Authorization", "")))

        def _send(self, status, body):
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
