import {
  DevelopmentIssuer,
  developmentUsersConfig,
  remoteVerifier,
  type TokenVerifier,
} from '@waybill/http';
import type { Clock } from '@waybill/messaging';
import type { AccessConfig } from './config/host.config.ts';
import { type Environment, readSettings } from './config/read-settings.ts';

/** The development issuer of this environment. All processes with the same data folder share its key. */
export function openDevelopmentIssuer(
  access: AccessConfig,
  env: Environment,
  clock: Clock,
): Promise<DevelopmentIssuer> {
  const [users] = readSettings('development issuer', env, [developmentUsersConfig]);
  return DevelopmentIssuer.open({
    dataFolder: access.dataFolder,
    audience: access.audience,
    users,
    clock,
  });
}

/** A verifier for tokens of the configured issuer, else of the development issuer. */
export async function verifierFrom(
  access: AccessConfig,
  env: Environment,
  clock: Clock,
): Promise<TokenVerifier> {
  const { issuer, jwksUrl, audience } = access;
  if (issuer && jwksUrl) return remoteVerifier({ issuer, jwksUrl, audience });
  return (await openDevelopmentIssuer(access, env, clock)).verifier();
}
