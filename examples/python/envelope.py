"""What a message of Waybill looks like on every broker, for a program that is not written in TypeScript.

The fields are those of libs/message/src/envelope.ts; libs/contracts/schemas has a JSON Schema for the `data` of each type.
"""

import gzip
import json
import secrets
import time
import uuid
from datetime import datetime, timezone


def new_id() -> str:
    """A UUID of version 7 (RFC 9562). The inbox recognises a message that is sent again by its id: keep it for a retry."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76  # the version
    value = value & ~(0x3 << 62) | 0x2 << 62  # the variant
    return str(uuid.UUID(int=value))


def partition_of(key: str, partitions: int) -> int:
    """FNV-1a over UTF-16 code units, as the services compute it: messages of one key stay in order."""
    value = 0x811C9DC5
    units = key.encode("utf-16-le")
    for low, high in zip(units[::2], units[1::2]):
        value = ((value ^ (low | high << 8)) * 0x01000193) & 0xFFFFFFFF
    return value % partitions


def activity(session_id: str, kind: str, properties: dict) -> dict:
    """What a visitor did, as an envelope of `analytics.activity-recorded`."""
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message_id = new_id()
    return {
        "id": message_id,
        "type": "analytics.activity-recorded",
        "version": 1,
        "kind": "activity",
        "occurredAt": now,
        "key": session_id,
        "correlationId": message_id,
        "causationId": None,
        "traceparent": None,
        "priority": "normal",
        "expiresAt": None,
        "source": "python-example",
        "sequence": None,
        "attributes": {},
        "routingKey": "analytics.activity-recorded.v1",
        "data": {
            "eventId": str(uuid.uuid4()),
            "type": kind,
            "sessionId": session_id,
            "occurredAt": now,
            "properties": properties,
        },
    }


def encode(envelope: dict) -> bytes:
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def decode(body: bytes, content_encoding: str | None) -> dict:
    """Bodies of more than 4 KiB are compressed, and say so in a header of the broker."""
    return json.loads(gzip.decompress(body) if content_encoding == "gzip" else body)


class Seen:
    """The ids of processed messages. Brokers deliver at least once; a real consumer keeps them beside its data, in one transaction."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def is_new(self, envelope: dict) -> bool:
        if envelope["id"] in self._ids:
            return False
        self._ids.add(envelope["id"])
        return True


def show(envelope: dict) -> None:
    line = {name: envelope[name] for name in ("id", "type", "key", "occurredAt")}
    print(json.dumps(line), flush=True)
