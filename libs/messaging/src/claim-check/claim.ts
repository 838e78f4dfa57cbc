import { type Envelope, encode } from '@waybill/message';
import type { Outgoing } from '../broker.ts';

/** Stands for the data of an envelope whose bytes lie in the blob store. */
export interface Claim {
  readonly reference: string;
  /** Of the envelope that its place is taken by. */
  readonly key: string;
}

const word = 'waybill.claim';
/** How an envelope with a claim can be told from all others without reading it. */
const sign = `"data":{"${word}":"`;

/** The message as it travels while its body lies under `reference`: an envelope like any other, for whoever looks on. */
export function withClaim({ channel, envelope, body }: Outgoing, reference: string): Outgoing {
  const data = { [word]: reference, bytes: Buffer.byteLength(body) };
  const small = { ...envelope, data };
  return { channel, envelope: small, body: encode(small) };
}

/** The claim that a body is; null for any other. */
export function claimOf(body: string): Claim | null {
  if (!body.includes(sign)) return null;
  const { key, data } = (objectOf(body) ?? {}) as Partial<Envelope>;
  const reference = referenceIn(data);
  return reference === null ? null : { reference, key: typeof key === 'string' ? key : '' };
}

/** The reference in the data of an envelope that is a claim; else null. */
export function referenceIn(data: unknown): string | null {
  const reference = (data as { readonly [word]?: unknown } | null | undefined)?.[word];
  return typeof reference === 'string' ? reference : null;
}

/** The key of a body that has one, whoever sent it; else none. */
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
