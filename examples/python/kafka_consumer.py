"""Prints the events of orders from Kafka, each once: python kafka_consumer.py [--count 10]"""

import argparse
import os

from confluent_kafka import Consumer, KafkaException

from envelope import Seen, decode, show

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--topic", default="order.events")
arguments.add_argument("--group", default="python-example")
arguments.add_argument("--count", type=int, help="stop after so many")
options = arguments.parse_args()

consumer = Consumer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BROKERS", "127.0.0.1:9092"),
        "group.id": options.group,
        "auto.offset.reset": "earliest",
        # Committed below, after the work: a crash in between repeats a message instead of losing it.
        "enable.auto.commit": False,
        # A transaction of the services that was aborted is no message.
        "isolation.level": "read_committed",
    }
)
consumer.subscribe([options.topic])
seen = Seen()
count = 0
try:
    while options.count is None or count < options.count:
        record = consumer.poll(1.0)
        if record is None:
            continue
        if record.error():
            raise KafkaException(record.error())
        encoding = dict(record.headers() or []).get("content-encoding", b"").decode()
        envelope = decode(record.value(), encoding)
        if seen.is_new(envelope):
            show(envelope)
            count += 1
        consumer.commit(record, asynchronous=False)
finally:
    consumer.close()
