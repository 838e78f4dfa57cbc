import { type Environment, isDeployed } from './read-settings.ts';

const clear = 'is without TLS, which a deployed service refuses';
const plain = new Set(['http:', 'amqp:', 'redis:', 'grpc:']);
/** The modes in which `pg` encrypts and verifies the server. */
const verified = new Set(['verify-ca', 'verify-full']);

/**
 * The settings with which a deployed process would send data over a network unencrypted, one line each: addresses
 * without TLS, and listening without a certificate. Connections within this machine may be unencrypted, and
 * `TRUSTED_NETWORK` declares that the network itself encrypts.
 */
export function plaintextProblems(
  env: Environment,
  settings: readonly string[],
): readonly string[] {
  if (!isDeployed(env) || ['true', '1'].includes(env['TRUSTED_NETWORK'] ?? '')) return [];
  const problems = settings
    .filter((name) => isClear(name, env[name] ?? '', env))
    .map((name) => `${name} ${clear}`);
  const host = env['HOST'] || '127.0.0.1';
  if (!env['TLS_CERT_FILE'] && !isLoopback(host)) {
    problems.push(`TLS_CERT_FILE is needed: a deployed service listens on ${host} by TLS`);
  }
  return problems;
}

function isClear(name: string, value: string, env: Environment): boolean {
  // Where the keys have an address of their own, the issuer is only a name.
  if (name === 'AUTH_ISSUER' && env['AUTH_JWKS_URL']) return false;
  const addresses = value.split(',').map((each) => each.trim());
  if (name === 'KAFKA_BROKERS') {
    const isTls = ['true', '1'].includes(env['KAFKA_TLS'] ?? '') || Boolean(env['KAFKA_CA_FILE']);
    return !isTls && addresses.some((address) => crosses(`kafka://${address}`));
  }
  return addresses.some((address) => {
    // A gRPC address may omit its protocol.
    const url =
      name.endsWith('_GRPC_URL') && !address.includes('://') ? `grpc://${address}` : address;
    if (!URL.canParse(url)) return false;
    const { protocol, searchParams } = new URL(url);
    const isPlain = /^postgres(ql)?:$/.test(protocol)
      ? !verified.has(searchParams.get('sslmode') ?? '')
      : plain.has(protocol);
    return isPlain && crosses(url);
  });
}

const crosses = (url: string): boolean =>
  URL.canParse(url) && !isLoopback(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'));

/** Includes a Unix socket, which has no host. */
const isLoopback = (host: string): boolean =>
  ['', 'localhost', '::1'].includes(host) || /^127(\.\d{1,3}){3}$/.test(host);
