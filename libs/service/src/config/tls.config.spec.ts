import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { localhostCertificate } from '@waybill/grpc/testing';
import { settingProblems } from './read-settings.ts';
import { tlsConfig } from './tls.config.ts';

let folder: string;
const file = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-tls-'));
  writeFileSync(file('cert'), localhostCertificate.cert);
  writeFileSync(file('key'), localhostCertificate.key);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(file('other-key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(file('empty'), '');
  const { cert, key: whole } = localhostCertificate;
  writeFileSync(file('half-cert'), cert.subarray(0, 300));
  writeFileSync(file('half-chain'), Buffer.concat([cert, cert.subarray(0, 300)]));
  writeFileSync(file('half-key'), whole.subarray(0, 120));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  jest.useRealTimers();
});

const problemsOf = (cert: string, key: string): readonly string[] =>
  settingProblems({ TLS_CERT_FILE: cert && file(cert), TLS_KEY_FILE: key && file(key) }, [
    tlsConfig,
  ]);

describe('the certificate of a process', () => {
  it('is read with its key, and needed by nobody who is not deployed', () => {
    const env = { TLS_CERT_FILE: file('cert'), TLS_KEY_FILE: file('key') };
    expect(tlsConfig.parse(env).certificate).toEqual(localhostCertificate);
    expect(tlsConfig.parse({}).certificate).toBeNull();
  });

  it.each([
    ['cert', '', 'TLS_KEY_FILE: is needed with TLS_CERT_FILE'],
    ['', 'key', 'TLS_CERT_FILE: is needed with TLS_KEY_FILE'],
    ['nowhere', 'key', 'TLS_CERT_FILE: names a file that cannot be read (ENOENT)'],
    ['empty', 'key', 'TLS_CERT_FILE: names a file without a certificate (PEM)'],
    ['half-cert', 'key', 'TLS_CERT_FILE: names a file without a certificate (PEM)'],
    [
      'half-chain',
      'key',
      'TLS_CERT_FILE: names a file that breaks off in a certificate of its chain',
    ],
    ['cert', 'half-key', 'TLS_KEY_FILE: names a file without the key (PEM) of the certificate'],
    ['cert', 'empty', 'TLS_KEY_FILE: names a file without the key (PEM) of the certificate'],
    ['cert', 'other-key', 'TLS_KEY_FILE: names a file without the key (PEM) of the certificate'],
  ])('is refused from the files %j and %j', (cert, key, problem) => {
    expect(problemsOf(cert, key)).toEqual([expect.stringContaining(problem)]);
  });

  it('is refused when it has expired', () => {
    jest.useFakeTimers({ now: new Date('2200-01-01') });
    expect(problemsOf('cert', 'key')).toEqual([
      expect.stringContaining('names a certificate that expired on 2126-'),
    ]);
  });
});
