import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { moveWhole } from '@waybill/local-files';
import { findProgram } from './programs.ts';

/** The PEM files of one stack. */
export interface Certificates {
  /** The certificate authority that clients must trust. */
  readonly ca: string;
  /** The servers' certificate, for `localhost` and `127.0.0.1`. */
  readonly certificate: string;
  readonly key: string;
  /** Key and certificates in one file. */
  readonly together: string;
}

const days = '3650';
const serverExtensions = `subjectAltName=DNS:localhost,IP:127.0.0.1
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth,clientAuth
`;

/** The certificates in `folder`, from an authority of their own; the first call creates them with openssl. */
export function certificatesIn(folder: string): Certificates {
  const home = join(folder, 'tls');
  if (!existsSync(home)) make(home);
  const file = (name: string): string => join(home, name);
  return {
    ca: file('ca.crt'),
    certificate: file('server.crt'),
    key: file('server.key'),
    together: file('server.pem'),
  };
}

/** Created in a temporary folder and moved when complete; leftovers of a killed process are removed. */
function make(home: string): void {
  const made = `${home}.new`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true, mode: 0o755 });
  try {
    const openssl = opensslIn(made);
    writeFileSync(join(made, 'server.ext'), serverExtensions);
    openssl(
      ...newKey('ca'),
      '-x509',
      '-days',
      days,
      '-subj',
      '/CN=Waybill local authority',
      '-out',
      'ca.crt',
    );
    openssl(...newKey('server'), '-subj', '/CN=localhost', '-out', 'server.csr');
    openssl(
      ...[
        'x509',
        '-req',
        '-in',
        'server.csr',
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
      ],
      ...['-days', days, '-extfile', 'server.ext', '-out', 'server.crt'],
    );
    const parts = ['server.key', 'server.crt', 'ca.crt'];
    const together = parts.map((name) => readFileSync(join(made, name), 'utf8')).join('');
    writeFileSync(join(made, 'server.pem'), together, { mode: 0o600 });
    // The authority's key is never used again.
    for (const name of ['ca.key', 'server.csr', 'server.ext']) rmSync(join(made, name));
    moveWhole(made, home);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

const newKey = (name: string): string[] => [
  ...['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`],
];

function opensslIn(cwd: string): (...args: string[]) => void {
  const program = findProgram('openssl');
  if (!program) throw new Error('TLS needs openssl, which is not installed');
  return (...args) => {
    execFileSync(program, args, { cwd, stdio: 'pipe' });
  };
}
