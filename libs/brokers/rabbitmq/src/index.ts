export { RabbitMqBroker, rabbitmqBroker } from './rabbitmq-broker.ts';
export {
  RabbitMqBlocked,
  Unconfirmed,
} from './rabbitmq-errors.ts';
export type { RabbitMqOptions } from './rabbitmq-options.ts';
