import { type Envelope, type Message } from '@waybill/message';
import type { Delivery } from './broker.ts';
import type { Clock } from './clock.ts';
import type { HeardHandlers } from './heard-handlers.ts';
import type { HeldDelivery } from './held-delivery.ts';
import type { Fence, ParkedRow } from './store.ts';
import { notAsked, type Origin, readWork, type Work } from './work.ts';

export interface IntakeOptions {
  readonly clock: Clock;
  readonly handlers: HeardHandlers;
  /** Milliseconds since the epoch: brokers' messages with ids from before are refused; null: none are. */
  readonly oldest: () => number | null;
}

/** Makes works of what comes: from a broker, from the table of parked messages, from a caller. */
export class Intake {
  constructor(private readonly options: IntakeOptions) {}

  delivered(
    from: { readonly group: string; readonly broker: string },
    delivery: Delivery,
    { held, fence }: { readonly held: HeldDelivery; readonly fence: Fence },
  ): Work {
    const { clock, handlers, oldest } = this.options;
    const now = clock.now().getTime();
    const work = readWork(
      {
        group: from.group,
        broker: from.broker,
        channel: delivery.channel,
        body: delivery.body,
        bytes: delivery.bytes,
        made: delivery.made,
        shard: delivery.shard,
        firstAt: now,
        arrivedAt: now,
        attempt: 0,
        expired: delivery.expired,
        gaveUp: delivery.gaveUp,
        oldest: oldest(),
        origin: { from: 'broker', delivery: held },
      },
      handlers.of(from.group),
    );
    work.fence = fence;
    return work;
  }

  parked(row: ParkedRow, fence: Fence | undefined): Work {
    const { group, channel, body, shard, firstAt, attempt } = row;
    const work = readWork(
      {
        group,
        channel,
        body,
        shard,
        firstAt: Date.parse(firstAt),
        attempt,
        arrivedAt: this.options.clock.now().getTime(),
        broker: 'parked',
        origin: { from: 'parked', row },
      },
      this.options.handlers.of(group),
    );
    work.fence = fence;
    return work;
  }

  /** Throws a `TypeError` when nobody handles the message. */
  called(
    message: Message,
    envelope: Envelope,
    caller: Omit<Extract<Origin, { from: 'caller' }>, 'from'>,
  ): Work {
    const { group, handler } = this.options.handlers.ofLocal(message.contract);
    const now = this.options.clock.now().getTime();
    return {
      group,
      envelope,
      channel: message.contract.channel,
      broker: 'local',
      body: '',
      bytes: undefined,
      shard: 0,
      data: message.data,
      handler,
      keyId: `${group}/${envelope.key}`,
      firstAt: now,
      arrivedAt: now,
      origin: { from: 'caller', resolve: caller.resolve, reject: caller.reject },
      attempt: 0,
      attemptsBefore: undefined,
      fence: undefined,
      ask: notAsked,
      refusal: undefined,
      blame: undefined,
      readyAt: 0,
      seen: false,
      behind: false,
    };
  }
}
