import { type BlobStore, type BodyText, bodyText, type Outgoing } from '@waybill/messaging';
import { type Arrived, type Packed, pack } from './wire.ts';

/** A body is larger than SNS carries, and no blob store takes it. */
export class TooLarge extends Error {
  readonly code = 'message_too_large';
  readonly retriable = false;
  constructor(type: string, bytes: number, most: number) {
    super(
      `${type} has ${bytes} bytes, SNS carries ${most}: set BLOBS, or send a reference to its data`,
    );
    this.name = 'TooLarge';
  }
}

/** What became of a body that was fetched. */
export type Fetched =
  | ({ readonly state: 'here' } & BodyText)
  | { readonly state: 'missing'; readonly reason: string }
  | { readonly state: 'unknown'; readonly error: unknown };

/** Sends large bodies by the blob store, and fetches them again. */
export class ClaimCheck {
  constructor(
    private readonly blobs: BlobStore | undefined,
    private readonly maxBytes: number,
  ) {}

  /** The message as SNS takes it; rejects with `TooLarge`, or when the blob store does. */
  async pack(message: Outgoing): Promise<Packed> {
    const packed = pack(message);
    if (packed.bytes <= this.maxBytes) return packed;
    const { type } = message.envelope;
    if (!this.blobs) throw new TooLarge(type, packed.bytes, this.maxBytes);
    const small = pack(message, await this.blobs.put(Buffer.from(message.body)));
    if (small.bytes > this.maxBytes) throw new TooLarge(type, small.bytes, this.maxBytes);
    return small;
  }

  /** The body of what came. Never rejects. */
  async fetch({ mark, body, bytes }: Arrived): Promise<Fetched> {
    const reference = mark?.dataRef;
    if (!reference) return { state: 'here', body, ...(bytes ? { bytes } : {}) };
    if (!this.blobs)
      return { state: 'missing', reason: `no blob store to fetch ${reference} from` };
    try {
      const found = await this.blobs.get(reference);
      if (found) return { state: 'here', ...bodyText(Buffer.from(found)) };
      return { state: 'missing', reason: `nothing is stored under ${reference}` };
    } catch (error) {
      return { state: 'unknown', error };
    }
  }
}
