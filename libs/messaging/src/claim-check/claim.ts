import { type Envelope, encode } from '@waybill/message';
import type { Outgoing } from '../broker.ts';

/** Stands for an envelope whose bytes are in the blob store. */
export interface Claim {
  readonly reference: string;
  /** The key of that envelope. */
  readonly key: string;
}

const word = 'waybill.claim';
/** Recognizes an envelope with a claim without parsing it. */
const sign = `"data":{"${word}":"`;

/** The message as it travels while its body is stored under `reference`: a regular envelope for every observer. */
export function withClaim({ channel, envelope, body }: Outgoing, reference: string): Outgoing {
  const data = { [word]: reference, bytes: Buffer.byteLength(body) };
  const small = { ...envelope, data };
  return { channel, envelope: small, body: encode(small) };
}

/** The claim in a body; null for any other body. */
export function claimOf(body: string): Claim | null {
  if (!body.includes(sign)) return null;
  const { key, data } = (objectOf(body) ?? {}) as Partial<Envelope>;
  const reference = referenceIn(data);
  return reference === null ? null : { reference, key: typeof key === 'string' ? key : '' };
}

/** The reference in the data of an envelope with a claim; null for any other data. */
export function referenceIn(data: unknown): string | null {
  const reference = (data as { readonly [word]?: unknown } | null | undefined)?.[word];
  return typeof reference === 'string' ? reference : null;
}

/** The key in a body of any publisher; empty without one. */
export function keyInside(body: string): string {
  const key = (objectOf(body) as { key?: unknown } | null)?.key;
  return typeof key === 'string' ? key : '';
}

function objectOf(text: string): object | null {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' ? read : null;
  } catch {
    return null;
  }
}
