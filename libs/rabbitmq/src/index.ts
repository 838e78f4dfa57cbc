export { RabbitMqBroker, rabbitmqBroker } from './rabbitmq-broker.ts';
export {
  InvalidRabbitMqSetting,
  RabbitMqAway,
  RabbitMqBlocked,
  Unconfirmed,
} from './rabbitmq-errors.ts';
export type { RabbitMqOptions } from './rabbitmq-options.ts';
