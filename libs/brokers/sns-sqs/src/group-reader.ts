import { type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { partitionOf } from '@waybill/message';
import { type Clock, keyInside, type Listener, within } from '@waybill/messaging';
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
  /** Whether the consumer owns a partition. */
  readonly owns: (partition: number) => boolean;
}

const receiveSize = 10;
const slowest = 5_000;
/** How often the consumer waits for a response to a nudge, which another process may have received. */
const nudgeAgainMs = 250;
/** Milliseconds between receives that find only messages of other consumers: at most this at first, and at most ever. */
const foreignPause = { first: 40, longest: 2_000 } as const;
/** Receives of a message by consumers that do not own its partition before it stays hidden for longer each time. */
const quickReturns = 20;
const longestReturn = 30;

/**
 * Reads one queue while its consumer owns partitions, and delivers up to `prefetch` messages at once. SQS gives a message to any consumer,
 * so those of other partitions go back at once. `gaveUp` is the reason why messages of a dead queue are dead; an empty dead queue is polled
 * every 5 s instead of long-polled.
 */
export class GroupReader {
  readonly #hand: Hand;
  #requested = 0;
  #receiving = 0;
  #hungry = false;
  #flowing = false;
  #ended = false;
  #pause: NodeJS.Timeout | undefined;
  #wait = 100;
  #foreignWait: number = foreignPause.first;
  #idle: (() => void)[] = [];

  constructor(
    private readonly parts: ReaderParts,
    private readonly queue: Queue,
    private readonly gaveUp?: string,
  ) {
    const { connection, knobs } = parts;
    this.#hand = new Hand(connection, queue, knobs.visibilitySeconds, knobs.holdSeconds);
  }

  /** Starts to receive, also after `pause`. */
  start(): void {
    this.#flowing = true;
    this.#fill();
  }

  /** Stops receiving; unsettled deliveries stay with the consumer. */
  async pause(): Promise<void> {
    this.#flowing = false;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    while (this.#receiving > 0 && !this.#flowing) {
      const idle = new Promise<void>((resolve) => this.#idle.push(resolve));
      if (!this.gaveUp) await nudge(this.parts.connection, this.queue).catch(() => undefined);
      await within(nudgeAgainMs, idle);
    }
  }

  get oldest(): number | undefined {
    return this.#hand.oldest;
  }

  /** Resolves when no delivery is unsettled. */
  whenIdle(): Promise<void> {
    return this.#hand.whenIdle();
  }

  /** Stops for good. */
  async stop(): Promise<void> {
    this.#ended = true;
    await this.pause();
    this.#hand.end();
  }

  /** Gives back the unsettled deliveries of a partition. */
  empty(partition: number): Promise<void> {
    return this.#hand.empty(partition);
  }

  /** Drops the unsettled deliveries of a partition that is lost: they go to its next owner. */
  drop(partition: number): void {
    this.#hand.drop(partition);
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
      this.#wait = 100;
      this.parts.connection.worked();
      const foreign = await this.#handOver(messages);
      this.#hungry = messages.length === wanted && foreign < wanted;
      this.#restAfter(messages.length, foreign);
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.#requested -= wanted;
      this.#receiving -= 1;
      if (this.#receiving === 0) for (const resolve of this.#idle.splice(0)) resolve();
      this.#fill();
    }
  }

  #restAfter(count: number, foreign: number): void {
    if (count > 0 && count === foreign) {
      // Equal pauses would let two consumers receive the messages of each other in step, again and again.
      this.#rest(this.#foreignWait * Math.random());
      this.#foreignWait = Math.min(this.#foreignWait * 2, foreignPause.longest);
      return;
    }
    this.#foreignWait = foreignPause.first;
    if (this.gaveUp && count === 0) this.#rest(slowest);
    else if (count > 0 && !this.#hungry && !this.queue.fifo) this.#rest(this.parts.knobs.gatherMs);
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

  /** Returns how many messages belong to other consumers. */
  async #handOver(messages: readonly Message[]): Promise<number> {
    let foreign = 0;
    const returned: Promise<unknown>[] = [];
    for (const message of messages) {
      if (isNudge(message)) this.#hand.discard(message);
      else if (!this.#flowing) returned.push(this.#hand.refuse(message));
      else if (!this.#handOverOne(message)) {
        foreign += 1;
        returned.push(this.#hand.refuse(message, returnAfter(receivesOf(message))));
      }
    }
    await Promise.all(returned);
    return foreign;
  }

  /** False if another consumer owns the partition of the message. */
  #handOverOne(message: Message): boolean {
    const arrived = unpack(message);
    const home = this.parts.topology.homeOf(this.parts.group);
    const partition = partitionOf(arrived.mark?.key ?? keyInside(arrived.body), home.partitions);
    if (!isSelected(home, arrived)) this.#hand.discard(message);
    else if (this.parts.owns(partition)) this.#deliver(message, home, partition, arrived);
    else return false;
    return true;
  }

  #deliver(
    message: Message,
    home: Home,
    partition: number,
    { mark, body, bytes, gaveUp }: Arrived,
  ): void {
    const { listener, counters, clock } = this.parts;
    const channel = mark?.channel ?? [...home.selections.keys()][0] ?? '';
    const { delivery, close } = sqsDelivery(
      {
        channel,
        body,
        ...(bytes ? { bytes } : {}),
        partition,
        redelivered: receivesOf(message) > 1,
        expired: mark?.expiresAt !== undefined && Date.parse(mark.expiresAt) <= +clock.now(),
        gaveUp: this.gaveUp ?? gaveUp,
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
      partition,
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

const receivesOf = ({ Attributes }: Message): number =>
  Number(Attributes?.['ApproximateReceiveCount'] ?? 1);

/** Seconds that a message of another consumer stays hidden: its owner has no room if it comes again and again, and SQS counts each time. */
const returnAfter = (receives: number): number =>
  Math.min(Math.max(receives - quickReturns, 0), longestReturn);

/** SNS has filtered, except for what it cannot express; those messages are checked here. */
function isSelected(home: Home, { mark, overflows, routingKey }: Arrived): boolean {
  const selection = mark && home.selections.get(mark.channel);
  if (!selection || (selection.exact && !overflows)) return true;
  return selection.matches({ routingKey, attributes: mark.attributes ?? {} });
}
