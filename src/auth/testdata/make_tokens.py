"""Writes tokens.json: tokens of every algorithm by PyJWT with throw-away keys, whose private halves are not kept."""

import json
import pathlib

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
CLAIMS = {"iss": "https://id.example.net", "aud": ["eider", "other"], "sub": "u17", "name": "Ada", "role": "reader",
          "exp": 2000000000, "nbf": 1800000000, "iat": 1800000000}
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS = {"RS": RSA, "PS": RSA, "ES256": ec.generate_private_key(ec.SECP256R1()), "ES384": ec.generate_private_key(ec.SECP384R1()),
        "ES512": ec.generate_private_key(ec.SECP521R1()), "EdDSA": ed25519.Ed25519PrivateKey.generate()}
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512")


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


rows, keys = [], []
for name in ALGORITHMS:
    key = KEYS.get(name) or KEYS.get(name[:2])
    rows.append({"algorithm": name, "public_key": pem(key) if key else "", "secret": "" if key else SECRET,
                 "token": jwt.encode(CLAIMS, key or SECRET, algorithm=name, headers={"kid": name})})
    if key:
        jwk = jwt.algorithms.get_default_algorithms()[name].to_jwk(key.public_key(), as_dict=True)
        keys.append({**jwk, "kid": name, "alg": name, "use": "sig"})
target = pathlib.Path(__file__).with_name("tokens.json")
target.write_text(json.dumps({"tokens": rows, "key_set": {"keys": keys}}, indent=1) + "\n")
