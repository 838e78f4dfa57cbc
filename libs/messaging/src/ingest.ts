import { type Contract, encode, newId, wrapFirst } from '@waybill/message';
import type { Outgoing } from './broker.ts';
import type { Brokers } from './brokers.ts';
import { type Clock, systemClock } from './clock.ts';
import type { ConsumerObserver } from './observer.ts';

/** What ingested messages inherit, and how long to wait for the broker. */
export interface IngestOptions {
  /** Milliseconds; default 5,000. */
  readonly deadline?: number;
  readonly correlationId?: string;
  readonly traceparent?: string | null;
}

/** The result of one message, in the order of the batch. Without an error, the broker has the message durably. */
export interface IngestResult {
  readonly id: string;
  readonly error?: Error;
}

/** The broker did not confirm in time; it may have the message nevertheless. */
export class IngestTimedOut extends Error {
  readonly code = 'ingest_timed_out';
  constructor(type: string, deadline: number) {
    super(`${type} was not confirmed within ${deadline} ms`);
    this.name = 'IngestTimedOut';
  }
}

/**
 * Publishes raw facts in bulk. They are in no database before the broker's confirm, so only
 * `activity` is accepted. Every message is checked by itself and has its own result.
 */
export abstract class Ingest {
  abstract ingest<D>(
    contract: Contract<D>,
    batch: readonly D[],
    options?: IngestOptions,
  ): Promise<readonly IngestResult[]>;
}

/** Publishes to the broker of `activity`. */
export class BrokerIngest extends Ingest {
  private readonly clock: Clock;

  constructor(
    private readonly brokers: Brokers,
    private readonly options: {
      readonly source: string;
      readonly clock?: Clock;
      readonly observer?: Pick<ConsumerObserver, 'sent'> | undefined;
    },
  ) {
    super();
    this.clock = options.clock ?? systemClock;
  }

  async ingest<D>(
    contract: Contract<D>,
    batch: readonly D[],
    options: IngestOptions = {},
  ): Promise<readonly IngestResult[]> {
    if (contract.kind !== 'activity') {
      throw new TypeError(`${contract.type} is not an activity: send it from a decision instead`);
    }
    const wrapped = batch.map((data) => this.wrap(contract, data, options));
    const outgoing = wrapped.flatMap((each) => (each.message ? [each.message] : []));
    const errors = await this.publish(contract, outgoing, options.deadline ?? 5_000);
    return wrapped.map(({ id, refusal }) => {
      const error = refusal ?? errors.get(id);
      return error ? { id, error } : { id };
    });
  }

  private wrap<D>(
    contract: Contract<D>,
    data: D,
    options: IngestOptions,
  ): { readonly id: string; readonly message?: Outgoing; readonly refusal?: Error } {
    const now = this.clock.now();
    const id = newId(now);
    const cause = {
      id,
      correlationId: options.correlationId ?? id,
      traceparent: options.traceparent ?? null,
    };
    try {
      const envelope = wrapFirst(contract(data), { cause, source: this.options.source, now });
      const { channel } = contract;
      const body = encode(envelope);
      return { id, message: { channel, envelope, body, contract: contract as Contract } };
    } catch (error) {
      return { id, refusal: error as Error };
    }
  }

  /** Resolves with the errors of messages that are not confirmed, when all are settled or the deadline has passed. */
  private publish(
    contract: Contract,
    messages: readonly Outgoing[],
    deadline: number,
  ): Promise<ReadonlyMap<string, Error>> {
    const open = new Set(messages.map(({ envelope }) => envelope.id));
    const errors = new Map<string, Error>();
    if (open.size === 0) return Promise.resolve(errors);
    const broker = this.brokers.brokerFor(contract.kind);
    this.options.observer?.sent?.(
      messages.map(({ channel, body }) => ({
        channel,
        broker: broker.name,
        bytes: Buffer.byteLength(body),
      })),
    );
    return new Promise((resolve) => {
      const forget = this.clock.after(deadline, () => {
        for (const id of open) errors.set(id, new IngestTimedOut(contract.type, deadline));
        open.clear();
        resolve(errors);
      });
      broker.publish(messages, (id, error) => {
        if (!open.delete(id)) return;
        if (error) errors.set(id, error);
        if (open.size > 0) return;
        forget();
        resolve(errors);
      });
    });
  }
}
