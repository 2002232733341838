#!/usr/bin/env python3
"""Checks a receipt or a checkpoint of a Kechuang log without any of its code: verify.py FILE VERIFIER-KEY
Needs Python 3.9 and the package `cryptography`. Formats: C2SP signed-note and tlog-checkpoint, RFC 6962 section 2.1.
"""
import base64, hashlib, json, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def ensure(is_true, otherwise):
    if not is_true:
        sys.exit(f"NOT VALID: {otherwise}")

def opened(note, vkey):
    """The origin, size and root of a checkpoint that the key has signed."""
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key, validate=True)
    ensure(key[0] == 1 and len(key) == 33, "this program knows keys of Ed25519 only")
    ensure(sha(name.encode(), b"\n", key)[:4].hex() == key_id, "the key and its id do not belong together")
    text, _, lines = note.rpartition("\n\n")
    for signer, signature in (line.removeprefix("— ").split(" ") for line in lines.splitlines()):
        signature = base64.b64decode(signature, validate=True)
        if signer == name and signature[:4].hex() == key_id:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], (text + "\n").encode())
            origin, size, root = text.split("\n")[:3]
            ensure(origin == name, "the key is of another log")
            return origin, int(size), base64.b64decode(root, validate=True)
    ensure(False, "the key has not signed this")

def root_of(index, last, node, proof):
    """The root to which a leaf and its proof lead; `last` is the last leaf's index (RFC 9162 section 2.1.3.2)."""
    for sibling in map(bytes.fromhex, proof):
        ensure(last > 0, "the proof is too long")
        is_last, is_right = index == last, index % 2 == 1
        node = sha(b"\x01", sibling, node) if is_right or is_last else sha(b"\x01", node, sibling)
        while is_last and index % 2 == 0:  # the last of its level has no sibling until it is a right child
            index, last = index // 2, last // 2
        index, last = index // 2, last // 2
    ensure(last == 0, "the proof is too short")
    return node

def main(path, vkey):
    text = open(path, encoding="utf-8", newline="").read()
    receipt = json.loads(text) if text.lstrip().startswith("{") else None
    ensure(receipt is None or "index" in receipt, "this script checks receipts and checkpoints; for case files and draws take `kechuang verify`")
    origin, size, root = opened(receipt["checkpoint"] if receipt else text, vkey)
    print(f"checkpoint: {origin} has {size} entries under the root {root.hex()}")
    if receipt:
        ensure([receipt[k] for k in ("v", "origin", "size")] == [1, origin, size], "the receipt and its checkpoint differ")
        ensure(0 <= receipt["index"] < size, "there is no such place in the log")
        leaf = sha(b"\0", sha(bytes.fromhex(receipt["salt"]), receipt["fact"].encode()))
        ensure(root_of(receipt["index"], size - 1, leaf, receipt["proof"]) == root, "the fact is not there in the log")
        print(f"fact {receipt['index']}: {receipt['fact']}")
    print("VALID")

try:
    main(*sys.argv[1:3])
except (InvalidSignature, ValueError, KeyError, TypeError) as error:
    sys.exit(f"NOT VALID: {error or type(error).__name__}")
