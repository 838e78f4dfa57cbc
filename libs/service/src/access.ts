import { ownIssuer, remoteVerifier, type TokenVerifier } from '@waybill/http';
import type { Clock } from '@waybill/messaging';
import type { AccessConfig } from './config/host.config.ts';

/** Signatures that issuers of others use; all are asymmetric, so that a public key is never a secret. */
const algorithmsOfOthers = ['ES256', 'RS256', 'PS256', 'EdDSA'];

/** Verifies tokens of the configured issuer, else of our own; both publish their keys at an address. */
export function verifierFrom(access: AccessConfig, clock: Clock): TokenVerifier {
  const { issuer, jwksUrls, audience, rolesClaim } = access;
  return issuer === null
    ? remoteVerifier({ issuer: ownIssuer, jwksUrls, audience, clock })
    : remoteVerifier({
        issuer,
        jwksUrls,
        audience,
        clock,
        rolesClaim,
        algorithms: algorithmsOfOthers,
      });
}
