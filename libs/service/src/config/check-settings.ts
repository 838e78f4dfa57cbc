import { brokerVariables } from '../brokers/broker-settings.config.ts';
import { brokerProblems } from '../brokers/open-brokers.ts';
import type { ServiceDeclaration } from '../service-options.ts';
import { faultsConfig } from './faults.config.ts';
import { grpcConfig } from './grpc.config.ts';
import { accessConfig, hostConfig } from './host.config.ts';
import { plaintextProblems } from './plaintext.ts';
import {
  developmentPasswords,
  type Environment,
  InvalidConfig,
  isDeployed,
  settingProblems,
} from './read-settings.ts';
import { settingsOf } from './secret.ts';
import { tlsConfig } from './tls.config.ts';
import { tracingConfig } from './tracing.config.ts';

/**
 * Throws `InvalidConfig` with every problem in the settings of a service and of its brokers. If only broker
 * addresses are invalid, it does not throw, because opening the brokers does.
 */
export async function checkSettings(
  declaration: ServiceDeclaration,
  env: Environment,
): Promise<void> {
  const problems = serviceProblems(declaration, env);
  if (problems.length === 0) return;
  throw new InvalidConfig(declaration.name, [...problems, ...(await brokerProblems(env))]);
}

/**
 * The problems in the settings of a service, one line each; of its brokers only what a deployed service refuses:
 * development passwords, and addresses without TLS.
 */
export function serviceProblems(
  declaration: ServiceDeclaration,
  env: Environment,
): readonly string[] {
  const schemas = [
    hostConfig,
    accessConfig,
    grpcConfig(declaration),
    tlsConfig,
    faultsConfig,
    tracingConfig,
    declaration.config,
  ];
  const ofBrokers = Object.fromEntries(brokerVariables.map((name) => [name, env[name]]));
  const passwords = isDeployed(env) ? developmentPasswords(ofBrokers) : [];
  const settings = [...schemas.flatMap(settingsOf), ...brokerVariables];
  const inTheClear = plaintextProblems(env, [...new Set(settings)]);
  return [...new Set([...settingProblems(env, schemas), ...passwords, ...inTheClear])];
}
