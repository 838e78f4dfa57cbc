export { type Environment, InvalidBrokerSettings } from './broker-settings.config.ts';
export { type OpenBrokersOptions, openBrokers } from './open-brokers.ts';
