import { type Contract, decode, type Envelope } from '@waybill/message';
import { shown, shownText } from './shown.ts';

/** A message as an operator may see it: sensitive fields are masked. */
export interface ShownMessage {
  /** The envelope without its data; null if the bytes are not an envelope. */
  readonly headers: Omit<Envelope, 'data'> | null;
  readonly data: unknown;
  /** The bytes if they are JSON but not an envelope, masked too; otherwise null. */
  readonly body: string | null;
}

/** Shows a message; its contract, if it is among `contracts`, names its sensitive fields. Never throws. */
export function shownMessage(text: string, contracts: ReadonlyMap<string, Contract>): ShownMessage {
  const envelope = envelopeIn(text);
  if (!envelope) return { headers: null, data: null, body: shownText(text) };
  const { data, ...headers } = envelope;
  return {
    headers: { ...headers, attributes: shown(undefined, headers.attributes) as never },
    data: shown(contracts.get(envelope.type)?.schema, data),
    body: null,
  };
}

/** The envelope in some text, or undefined if it is not one. */
export function envelopeIn(text: string): Envelope | undefined {
  try {
    return decode(text);
  } catch {
    return undefined;
  }
}
