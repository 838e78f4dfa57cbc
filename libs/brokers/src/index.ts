export { type Environment, InvalidBrokerSettings } from './broker-settings.config.ts';
export { brokersNamed, type OpenBrokersOptions, openBrokers } from './open-brokers.ts';
