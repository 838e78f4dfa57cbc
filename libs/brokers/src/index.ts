export {
  brokerVariables,
  type Environment,
  InvalidBrokerSettings,
} from './broker-settings.config.ts';
export {
  brokerProblems,
  brokersNamed,
  type OpenBrokersOptions,
  openBrokers,
  routesOf,
} from './open-brokers.ts';
