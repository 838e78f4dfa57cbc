import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Certificate } from '@waybill/http';
import { z } from 'zod';
import { flag } from './flag.ts';

/**
 * The certificate with which a process serves HTTP and gRPC; without one it serves them unencrypted. The files are read at
 * startup. Node's `NODE_EXTRA_CA_CERTS` sets which authorities the process trusts.
 */
export const tlsConfig = z
  .object({
    /** A PEM file with the certificate by which the process serves HTTP and gRPC; without it they are not encrypted. */
    TLS_CERT_FILE: z.string().min(1).optional(),
    /** A PEM file with the key of that certificate. */
    TLS_KEY_FILE: z.string().min(1).optional(),
    /** The network encrypts by itself, as a service mesh does: traffic that leaves the machine needs no TLS. */
    TRUSTED_NETWORK: flag.optional(),
  })
  .transform((env, context): { readonly certificate: Certificate | null } => {
    const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = env;
    const wrong = (name: string, message: string): null => {
      context.addIssue({ code: 'custom', path: [name], message });
      return null;
    };
    if (!certFile && !keyFile) return { certificate: null };
    if (!certFile) return { certificate: wrong('TLS_CERT_FILE', 'is needed with TLS_KEY_FILE') };
    if (!keyFile) return { certificate: wrong('TLS_KEY_FILE', 'is needed with TLS_CERT_FILE') };
    const cert = read(certFile, (message) => wrong('TLS_CERT_FILE', message));
    const key = read(keyFile, (message) => wrong('TLS_KEY_FILE', message));
    if (!cert || !key) return { certificate: null };
    const flaw = flawOf(cert, key);
    return { certificate: flaw ? wrong(...flaw) : { cert, key } };
  });
export type TlsConfig = z.output<typeof tlsConfig>;

function read(path: string, wrong: (message: string) => void): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    wrong(`names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return null;
  }
}

/** The problem of a certificate and key, with the name of the setting that causes it. */
function flawOf(cert: Buffer, key: Buffer): readonly [string, string] | null {
  let end: Date;
  try {
    end = new Date(new X509Certificate(cert).validTo);
  } catch {
    return ['TLS_CERT_FILE', 'names a file without a certificate (PEM)'];
  }
  if (end.getTime() < Date.now()) {
    return ['TLS_CERT_FILE', `names a certificate that expired on ${end.toISOString()}`];
  }
  try {
    createSecureContext({ cert });
  } catch {
    return ['TLS_CERT_FILE', 'names a file that breaks off in a certificate of its chain (PEM)'];
  }
  try {
    createSecureContext({ cert, key });
    return null;
  } catch {
    return ['TLS_KEY_FILE', 'names a file without the key (PEM) of the certificate'];
  }
}
