import { brokerProblems, brokerVariables } from '@waybill/brokers';
import type { ServiceDefinition } from '../service-definition.ts';
import { grpcConfig } from './grpc.config.ts';
import { accessConfig, hostConfig } from './host.config.ts';
import {
  developmentPasswords,
  type Environment,
  InvalidConfig,
  isDeployed,
  settingProblems,
} from './read-settings.ts';

/**
 * Throws `InvalidConfig` with everything that is wrong with the settings of a service and of its brokers. When only the
 * addresses of brokers are wrong, it throws nothing: opening the brokers does.
 */
export async function checkSettings<C>(
  definition: ServiceDefinition<C>,
  env: Environment,
): Promise<void> {
  const problems = serviceProblems(definition, env);
  if (problems.length === 0) return;
  throw new InvalidConfig(definition.name, [...problems, ...(await brokerProblems(env))]);
}

/** What is wrong with the settings of a service, a line each; of its brokers only passwords that are for development. */
export function serviceProblems<C>(
  definition: ServiceDefinition<C>,
  env: Environment,
): readonly string[] {
  const schemas = [hostConfig, accessConfig, grpcConfig, definition.config];
  const ofBrokers = Object.fromEntries(brokerVariables.map((name) => [name, env[name]]));
  const passwords = isDeployed(env) ? developmentPasswords(ofBrokers) : [];
  return [...new Set([...settingProblems(env, schemas), ...passwords])];
}
