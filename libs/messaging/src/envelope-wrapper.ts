import {
  type Cause,
  type Contract,
  type Envelope,
  encode,
  type Message,
  wrap,
  wrapFirst,
} from '@waybill/message';
import type { OutboxRow, Relay } from './store.ts';

/** A message in its envelope; `row` is null for live messages, which are not stored. */
export interface WrappedMessage {
  readonly envelope: Envelope;
  readonly row: OutboxRow | null;
}

export interface EnvelopeWrapperOptions {
  readonly service: string;
  readonly relay: Pick<Relay, 'route'>;
}

/** Bytes, where the broker takes as much; larger data travel by reference. */
const largestMessage = 1024 * 1024;

/** A decision publishes a message that is larger than a broker should carry; a retry cannot succeed. */
class MessageTooLarge extends Error {
  readonly retriable = false;
  readonly code = 'message_too_large';
  constructor(type: string, largest: number) {
    super(`${type} is larger than ${largest} bytes: send a reference to its data`);
    this.name = 'MessageTooLarge';
  }
}

/** Wraps the messages of a decision in envelopes, and makes the outbox rows of those that are stored. */
export class EnvelopeWrapper {
  constructor(private readonly options: EnvelopeWrapperOptions) {}

  /** Throws `MessageTooLarge`. The ids are derived from the cause, so wrapping again gives the same ids. */
  wrap(
    messages: readonly Message[],
    origin: {
      readonly cause: Cause;
      readonly group: string;
      readonly now: Date;
      /** The version of the sender's state. */
      readonly sequence: number | null;
      /** How many messages of the same cause come before these; default none. */
      readonly from?: number;
    },
  ): readonly WrappedMessage[] {
    const { cause, group, now, sequence, from: before = 0 } = origin;
    const { service: source } = this.options;
    return messages.map((message, index) => {
      const name = `${group}/${message.contract.type}/${before + index}`;
      return this.wrapped(message, wrap(message, { cause, source, now, name, sequence }), now);
    });
  }

  /** Wraps a message without a cause; `cause` holds its own id. Throws `MessageTooLarge`. */
  first(
    message: Message,
    { cause, now }: { readonly cause: Cause; readonly now: Date },
  ): WrappedMessage {
    const { service: source } = this.options;
    return this.wrapped(message, wrapFirst(message, { cause, source, now }), now);
  }

  private wrapped({ contract, options }: Message, envelope: Envelope, now: Date): WrappedMessage {
    if (envelope.kind === 'live') return { envelope, row: null };
    const { after } = options;
    const dueAt = after === undefined ? null : new Date(now.getTime() + after).toISOString();
    return { envelope, row: this.outboxRow(contract, envelope, dueAt) };
  }

  private outboxRow(contract: Contract, envelope: Envelope, dueAt: string | null): OutboxRow {
    const { broker, outboxPartition, own, largest } = this.options.relay.route(envelope);
    const body = encode(envelope);
    const bytes = Buffer.byteLength(body);
    const most = Math.min(largestMessage, largest ?? largestMessage);
    if (bytes > most) throw new MessageTooLarge(envelope.type, most);
    return {
      id: envelope.id,
      broker,
      outboxPartition,
      channel: contract.channel,
      key: envelope.key,
      dueAt,
      body,
      bytes,
      own,
      envelope,
      contract,
    };
  }
}
