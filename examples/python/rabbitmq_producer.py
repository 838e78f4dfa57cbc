"""Reports a viewed product to analytics over RabbitMQ, for services with BROKERS=rabbitmq: python rabbitmq_producer.py --sku LAPTOP-13"""

import argparse
import os

import pika

from envelope import activity, encode, partition_of

# Groups of activity have as many partitions as the exchange expects.
PARTITIONS = 4

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--exchange", default="analytics.activity")
arguments.add_argument("--session", default="python-example")
arguments.add_argument("--sku", default="LAPTOP-13")
options = arguments.parse_args()

url = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/%2F")
connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
# With confirms, `basic_publish` returns when RabbitMQ has the message, and raises if it refuses it or no queue wants it.
channel.confirm_delivery()
envelope = activity(options.session, "view_product", {"sku": options.sku})
channel.basic_publish(
    options.exchange,
    f"{envelope['routingKey']}.{partition_of(envelope['key'], PARTITIONS)}",
    encode(envelope),
    pika.BasicProperties(
        message_id=envelope["id"],
        type=envelope["type"],
        content_type="application/json",
        delivery_mode=pika.DeliveryMode.Persistent,
    ),
    mandatory=True,
)
connection.close()
print(envelope["id"])
