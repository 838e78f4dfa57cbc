import { type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { partitionOf } from '@waybill/message';
import { type Clock, keyInside, type Listener } from '@waybill/messaging';
import { type Connection, isMissing } from './connection.ts';
import type { Counters } from './counters.ts';
import { Hand, type Held } from './hand.ts';
import { isNudge, nudge } from './nudge.ts';
import type { Knobs } from './options.ts';
import type { Queue } from './queues.ts';
import { sqsDelivery } from './sqs-delivery.ts';
import type { Home, Topology } from './topology.ts';
import { type Arrived, unpack } from './wire.ts';

/** What a reader depends on. */
export interface ReaderParts {
  readonly group: string;
  readonly listener: Listener;
  readonly prefetch: number;
  readonly topology: Topology;
  readonly connection: Connection;
  readonly counters: Counters;
  readonly knobs: Knobs;
  readonly clock: Clock;
}

const receiveSize = 10;
const slowest = 5_000;

/**
 * Reads one queue while its consumer owns the group, and delivers up to `prefetch` messages at once. `gaveUp` is the
 * reason why messages of a dead queue are dead; an empty dead queue is polled every 5 s instead of long-polled.
 */
export class GroupReader {
  readonly #hand: Hand;
  #requested = 0;
  #receiving = 0;
  #hungry = false;
  #flowing = true;
  #ended = false;
  #pause: NodeJS.Timeout | undefined;
  #wait = 100;
  #idle: (() => void)[] = [];

  constructor(
    private readonly parts: ReaderParts,
    private readonly queue: Queue,
    private readonly gaveUp?: string,
  ) {
    const { connection, knobs } = parts;
    this.#hand = new Hand(connection, queue, knobs.visibilitySeconds, knobs.holdSeconds);
  }

  /** Starts to receive. */
  start(): void {
    this.#fill();
  }

  /** Stops receiving; unsettled deliveries stay with the consumer. */
  async pause(): Promise<void> {
    this.#flowing = false;
    clearTimeout(this.#pause);
    if (this.#receiving === 0) return;
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve));
    if (!this.gaveUp) await nudge(this.parts.connection, this.queue).catch(() => undefined);
    await idle;
  }

  get oldest(): number | undefined {
    return this.#hand.oldest;
  }

  /** Resolves when no delivery is unsettled. */
  whenIdle(): Promise<void> {
    return this.#hand.whenIdle();
  }

  /** Stops, and gives back unsettled deliveries. */
  async stop(): Promise<void> {
    this.#ended = true;
    await this.pause();
    await this.#hand.empty();
  }

  /** Stops at once, because the group is lost: unsettled deliveries go to its next owner. */
  drop(): void {
    this.#ended = true;
    this.#flowing = false;
    clearTimeout(this.#pause);
    this.#hand.drop();
  }

  /** One receive long-polls; more run in parallel while each returns a full batch. */
  #fill(): void {
    const most = this.#hungry && !this.gaveUp ? this.parts.knobs.receivers : 1;
    while (this.#flowing && !this.#pause && this.#receiving < most) {
      const room = this.parts.prefetch - this.#hand.size - this.#requested;
      if (room < 1) return;
      void this.#take(Math.min(room, receiveSize));
    }
  }

  async #take(wanted: number): Promise<void> {
    this.#requested += wanted;
    this.#receiving += 1;
    const waiting = this.#receiving === 1 && !this.gaveUp;
    try {
      const messages = await this.#poll(wanted, waiting ? this.parts.knobs.waitSeconds : 0);
      this.#hungry = messages.length === wanted;
      this.#wait = 100;
      this.parts.connection.worked();
      await this.#handOver(messages);
      if (this.gaveUp && messages.length === 0) this.#rest(slowest);
      else if (messages.length > 0 && !this.#hungry && !this.queue.fifo)
        this.#rest(this.parts.knobs.gatherMs);
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.#requested -= wanted;
      this.#receiving -= 1;
      if (this.#receiving === 0) for (const resolve of this.#idle.splice(0)) resolve();
      this.#fill();
    }
  }

  async #poll(MaxNumberOfMessages: number, WaitTimeSeconds: number): Promise<readonly Message[]> {
    const { Messages = [] } = await this.parts.connection.polls.send(
      new ReceiveMessageCommand({
        QueueUrl: this.queue.url,
        MaxNumberOfMessages,
        WaitTimeSeconds,
        VisibilityTimeout: this.parts.knobs.visibilitySeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
      }),
    );
    return Messages;
  }

  async #failed(error: unknown): Promise<void> {
    const { connection, topology, group } = this.parts;
    if (this.#ended) return;
    connection.failed(`receiving for group ${group}`, error);
    if (isMissing(error)) await topology.heal().catch(() => undefined);
    this.#rest(this.#wait);
    this.#wait = Math.min(this.#wait * 2, slowest);
  }

  #rest(ms: number): void {
    if (!this.#flowing || this.#pause) return;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#fill();
    }, ms);
    this.#pause.unref();
  }

  async #handOver(messages: readonly Message[]): Promise<void> {
    for (const message of messages) {
      if (isNudge(message)) this.#hand.discard(message);
      else if (this.#flowing) this.#handOverOne(message);
      else await this.#hand.refuse(message);
    }
  }

  #handOverOne(message: Message): void {
    const arrived = unpack(message);
    const home = this.parts.topology.homeOf(this.parts.group);
    if (isSelected(home, arrived)) this.#deliver(message, home, arrived);
    else this.#hand.discard(message);
  }

  #deliver(message: Message, home: Home, { mark, body, bytes }: Arrived): void {
    const { listener, counters, clock } = this.parts;
    const channel = mark?.channel ?? [...home.selections.keys()][0] ?? '';
    const { delivery, close } = sqsDelivery(
      {
        channel,
        body,
        ...(bytes ? { bytes } : {}),
        partition: partitionOf(mark?.key ?? keyInside(body), home.partitions),
        redelivered: Number(message.Attributes?.ApproximateReceiveCount ?? 1) > 1,
        expired: mark?.expiresAt !== undefined && Date.parse(mark.expiresAt) <= +clock.now(),
        gaveUp: this.gaveUp,
      },
      (how) => {
        if (how === 'acked') {
          counters.acked(home.name);
          this.#hand.finish(held);
        } else void this.#hand.giveBack(held);
        this.#fill();
      },
    );
    const held: Held = {
      id: message.MessageId ?? '',
      handle: message.ReceiptHandle ?? '',
      queue: this.queue,
      since: performance.now(),
      sentAt: Number(message.Attributes?.SentTimestamp ?? 0),
      lose: () => {
        close();
        queueMicrotask(() => this.#fill());
      },
    };
    this.#hand.take(held);
    counters.delivered(home.name);
    listener.deliver(delivery);
  }
}

/** SNS has filtered, except for what it cannot express; those messages are checked here. */
function isSelected(home: Home, { mark, overflows, routingKey }: Arrived): boolean {
  const selection = mark && home.selections.get(mark.channel);
  if (!selection || (selection.exact && !overflows)) return true;
  return selection.matches({ routingKey, attributes: mark.attributes ?? {} });
}
