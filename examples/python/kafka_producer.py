"""Reports a viewed product to analytics over Kafka: python kafka_producer.py --sku LAPTOP-13"""

import argparse
import os
import sys

from confluent_kafka import KafkaException, Producer

from envelope import activity, encode, partition_of

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--topic", default="analytics.activity")
arguments.add_argument("--session", default="python-example")
arguments.add_argument("--sku", default="LAPTOP-13")
options = arguments.parse_args()

# Idempotence keeps the order of a partition and writes nothing twice when a request is repeated.
producer = Producer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BROKERS", "127.0.0.1:9092"),
        "enable.idempotence": True,
    }
)
envelope = activity(options.session, "view_product", {"sku": options.sku})
topics = producer.list_topics(options.topic, timeout=10).topics
partitions = len(topics[options.topic].partitions)
refused = []


def confirmed(error, _record) -> None:
    if error is not None:
        refused.append(error)


producer.produce(
    options.topic,
    encode(envelope),
    key=envelope["key"],
    partition=partition_of(envelope["key"], partitions),
    # The services route by these headers, and by the body if they are missing.
    headers={"id": envelope["id"], "type": envelope["type"], "routing-key": envelope["routingKey"]},
    on_delivery=confirmed,
)
waiting = producer.flush(30)
if refused:
    raise KafkaException(refused[0])
if waiting > 0:
    sys.exit("Kafka has not confirmed the message within 30 s")
print(envelope["id"])
