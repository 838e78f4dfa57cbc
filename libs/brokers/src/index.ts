export {
  brokerVariables,
  type Environment,
  InvalidBrokerSettings,
  type ProfileName,
  profileName,
} from './broker-settings.config.ts';
export {
  brokerProblems,
  brokersNamed,
  type OpenBrokersOptions,
  openBrokers,
  routesOf,
} from './open-brokers.ts';
