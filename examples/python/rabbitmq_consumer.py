"""Prints the events of orders from RabbitMQ, each once: python rabbitmq_consumer.py [--count 10]

The services publish events to RabbitMQ with BROKERS=rabbitmq; the default mix has commands and replies there.
"""

import argparse
import os

import pika

from envelope import Seen, decode, show

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--exchange", default="order.events")
arguments.add_argument("--queue", default="python-example.orders")
arguments.add_argument("--count", type=int, help="stop after so many")
options = arguments.parse_args()

url = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/%2F")
connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
# A queue of its own receives a copy of each message, whatever the services do with theirs.
channel.queue_declare(options.queue, durable=True, arguments={"x-queue-type": "quorum"})
channel.queue_bind(options.queue, options.exchange, "#")
channel.basic_qos(prefetch_count=20)
seen = Seen()
count = 0
for method, properties, body in channel.consume(options.queue):
    envelope = decode(body, properties.content_encoding)
    if seen.is_new(envelope):
        show(envelope)
        count += 1
    # After the work: a crash in between repeats a message instead of losing it.
    channel.basic_ack(method.delivery_tag)
    if options.count is not None and count >= options.count:
        break
channel.cancel()
connection.close()
