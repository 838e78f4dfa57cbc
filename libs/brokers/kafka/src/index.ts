export { letRequestQueuesRest } from './client/kafkajs/request-queues.ts';
export { KafkaUnreachable } from './connection-error.ts';
export { KafkaBroker, kafkaBroker } from './kafka-broker.ts';
export type { KafkaBrokerOptions } from './options.ts';
export { SendTimedOut } from './sender.ts';
