"""A real OpenID Connect provider, Canaille, with one person and one client, on a free port. What it holds lies in a file
that goes with it: its way of holding all in memory confuses two codes of one client.

Says its address on the first line. Each line that comes in is a word: `hide` lets it publish another key than the one
it signs with, `show` the right one again; anything else is the address to which it may send people back. Ends with
its input.
"""

import sys
import tempfile
import threading

from canaille import create_app
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

key, other = (RSAKey.generate_key(2048, auto_kid=True) for _ in range(2))
folder = tempfile.TemporaryDirectory()
config = {
    "SECRET_KEY": "only for a test",
    "CANAILLE": {"DATABASE": "sql", "ENABLE_REGISTRATION": False, "LOGGING": {"version": 1}},
    "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{folder.name}/provider.sqlite"},
    "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)], "REQUIRE_NONCE": True},
}
app = create_app(config)
hidden = threading.Event()


@app.after_request
def publish(answer):
    """The keys as the provider publishes them, or another of the same name."""
    from flask import request

    if hidden.is_set() and "jwks" in request.path:
        false = {**other.as_dict(private=False), "kid": key.kid}
        answer.set_data(app.json.dumps({"keys": [false]}))
    return answer


with app.app_context():
    from canaille.app import models
    from canaille.backends import Backend

    person = models.User(
        user_name="liming", formatted_name="Li Ming", family_name="Li", emails=["li@school.example"], password="the school's password"
    )
    Backend.instance.save(person)
    client = models.Client(
        client_id="kechuang",
        client_secret="s3cret",
        client_name="Kechuang",
        client_uri="http://127.0.0.1",
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile"],
        token_endpoint_auth_method="client_secret_basic",
        id_token_signed_response_alg="RS256",
    )
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)

server = make_server("127.0.0.1", 0, app, threaded=True)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
for line in map(str.strip, sys.stdin):
    if line in ("hide", "show"):
        hidden.set() if line == "hide" else hidden.clear()
    else:
        with app.app_context():
            client = Backend.instance.get(models.Client, client_id="kechuang")
            client.redirect_uris = [line]
            Backend.instance.save(client)
    print("done", flush=True)
