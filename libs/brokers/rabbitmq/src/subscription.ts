import { newId } from '@waybill/message';
import type { Clock, Group, Listener } from '@waybill/messaging';
import { queuesOf } from './bindings.ts';
import { fairShare } from './fair-share.ts';
import type { Link } from './link.ts';
import { Members } from './members.ts';
import { PartitionConsumer, type PartitionHost } from './partition-consumer.ts';
import type { RabbitMqDelivery } from './partition-queue.ts';
import { QueueUnanswered } from './rabbitmq-errors.ts';
import type { RetryQueues } from './retry-queues.ts';
import type { Voice } from './voice.ts';
import type { Workplace } from './workplace.ts';

/** What a subscription depends on. */
export interface SubscriptionParts extends Workplace {
  readonly group: Group;
  readonly listener: Listener;
  readonly prefetch: number;
  readonly voice: Voice;
  readonly retryQueues: RetryQueues;
}

/** Deliveries per turn, before other work of the process runs. */
const burst = 1_000;
const retryAfter = 500;
/** Minimum look-ahead for the most urgent message, however small the prefetch. */
const leastLookAhead = 64;
const missing = 404;
const refused = 403;
const joinAttempts = 3;

/**
 * One consumer of a group. It consumes from the queue of every partition; RabbitMQ makes one consumer of each queue
 * active, and the members hand over partitions until all have the same number.
 */
export class Subscription implements PartitionHost {
  readonly link: Link;
  readonly voice: Voice;
  readonly retryQueues: RetryQueues;
  readonly clock: Clock;
  readonly lookAhead: number;
  readonly consumerTag: string;
  private readonly prefetch: number;
  delivered = 0;
  ackedCount = 0;
  private readonly member = newId();
  private readonly partitions: readonly PartitionConsumer[];
  private readonly members: Members;
  /** Which member a partition was last handed to, and when; RabbitMQ returns it if that member is gone. */
  private readonly yielded = new Map<number, { readonly to: string; readonly at: number }>();
  private held = 0;
  private activated: PartitionConsumer[] = [];
  private scheduled = false;
  private flowing = true;
  private left = false;
  private stopBeat: () => void = () => undefined;
  private unlisten: () => void = () => undefined;

  constructor(private readonly parts: SubscriptionParts) {
    const { group, names, link, voice, retryQueues, settings } = parts;
    this.link = link;
    this.voice = voice;
    this.retryQueues = retryQueues;
    this.clock = settings.clock;
    this.prefetch = parts.prefetch;
    const queues = queuesOf(group, names);
    this.lookAhead =
      queues.length > group.partitions ? Math.max(parts.prefetch, leastLookAhead) : parts.prefetch;
    this.consumerTag = `${settings.service}.${settings.instance}.${this.member.slice(-12)}`;
    this.partitions = Array.from({ length: group.partitions }, (_, partition) => {
      const queue = names.queue(group.name, partition);
      const otherQueues = queues
        .filter((each) => each.partition === partition && each.name !== queue)
        .map(({ name }) => name);
      const channel = group.bindings[0]?.channel ?? group.name;
      return new PartitionConsumer({ partition, queue, otherQueues, channel }, this);
    });
    this.members = new Members({
      link,
      voice,
      names,
      group: group.name,
      member: this.member,
      beat: settings.beat,
      owns: () => this.owned(),
      changed: () => this.balance(),
    });
  }

  get group(): string {
    return this.parts.group.name;
  }

  get inFlight(): number {
    return this.held;
  }

  /** Consumers of the group in all processes, this one included. */
  get consumers(): number {
    return this.members.alive().length;
  }

  /** Messages from RabbitMQ that wait here for the consumer. */
  get waiting(): number {
    return this.partitions.reduce((sum, { waiting }) => sum + waiting.size, 0);
  }

  /** When the oldest message here was published; infinity without messages. */
  oldest(): number {
    return Math.min(...this.partitions.map((partition) => partition.oldest()));
  }

  /** Resolves when it consumes from every queue that RabbitMQ answers for. */
  async start(): Promise<void> {
    try {
      await this.joinAtLast();
      this.unlisten = this.link.listen({
        up: () => void this.rejoin(),
        down: () => this.members.forget(),
      });
    } catch (error) {
      await this.leave();
      throw error;
    }
    this.beat();
  }

  active(partition: PartitionConsumer): void {
    this.activated.push(partition);
    if (this.activated.length > 1) return;
    setImmediate(() => void this.prepare(this.activated.splice(0)));
  }

  wake(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(this.handOver);
  }

  released(count: number): void {
    this.held -= count;
    if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(this.handOver);
    }
  }

  acked(): void {
    this.ackedCount += 1;
  }

  broken(partition: PartitionConsumer, error: Error | null): void {
    this.revoke([partition]);
    if (this.left) return;
    if (error instanceof QueueUnanswered) this.trouble(`partition ${partition.partition}`, error);
    setTimeout(
      () => void this.repair(partition, error),
      this.link.state === 'connected' ? retryAfter : 0,
    ).unref();
  }

  /** Stops delivering; resolves when the consumer has no unsettled delivery, or after `patience` ms. */
  async drain(patience: number): Promise<void> {
    this.flowing = false;
    await this.settled(this.partitions, patience);
  }

  /** Releases its partitions, with their unsettled deliveries; safe to call again. */
  async leave(): Promise<void> {
    if (this.left) return;
    this.left = true;
    this.stopBeat();
    this.unlisten();
    this.revoke(this.partitions);
    await Promise.all(this.partitions.map((partition) => partition.leave()));
    await this.members.leave();
  }

  private owned(): readonly number[] {
    return this.partitions
      .filter(({ state }) => state === 'ready' || state === 'preparing')
      .map(({ partition }) => partition);
  }

  private async join(): Promise<void> {
    await Promise.all(
      this.partitions
        .filter(({ state }) => state === 'closed')
        .map((partition) => partition.join()),
    );
    await this.members.join();
    for (const partition of this.partitions) if (partition.state === 'standby') partition.ping();
  }

  /** A queue that another process creates at this moment may refuse its first consumers. */
  private async joinAtLast(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.link.patiently(() => this.join());
        return;
      } catch (error) {
        if (attempt === joinAttempts || (error as { code?: unknown }).code === refused) throw error;
        await new Promise((resolve) => setTimeout(resolve, retryAfter));
      }
    }
  }

  private async rejoin(): Promise<void> {
    if (this.left) return;
    await this.join().catch((error: Error) => this.trouble('joining again', error));
  }

  /** One queue was lost but the connection is up, so the queue may have been deleted. */
  private async repair(partition: PartitionConsumer, cause: Error | null): Promise<void> {
    if (this.left || partition.state !== 'closed' || this.link.state !== 'connected') return;
    try {
      const gone =
        (cause as { code?: unknown } | null)?.code === missing ||
        /was deleted/.test(cause?.message ?? '');
      if (gone) await this.parts.topology.again();
      if (partition.state !== 'closed') return;
      await partition.join();
      partition.ping();
    } catch (error) {
      this.trouble(`partition ${partition.partition}`, error as Error);
      setTimeout(() => void this.repair(partition, error as Error), retryAfter).unref();
    }
  }

  private async prepare(partitions: readonly PartitionConsumer[]): Promise<void> {
    const fresh = partitions.filter(({ state }) => state === 'preparing');
    if (fresh.length === 0 || this.left) return;
    const ours = fresh.filter((partition) => !this.belongsElsewhere(partition.partition));
    for (const partition of fresh) if (!ours.includes(partition)) void this.yield(partition, false);
    if (ours.length === 0) return;
    try {
      await this.parts.listener.assigned(ours.map(({ partition }) => partition));
    } catch (error) {
      this.trouble('preparing', error as Error);
      for (const partition of ours) void this.stepBack(partition);
      return;
    }
    for (const partition of ours) partition.ready();
    this.members.tell();
    this.balance();
  }

  /** The consumer is not prepared. Another one may be, and this one retries later. */
  private async stepBack(partition: PartitionConsumer): Promise<void> {
    await partition.leave();
    if (this.left) return;
    setTimeout(() => void this.repair(partition, null), 2 * retryAfter).unref();
  }

  private beat(): void {
    this.stopBeat = this.parts.settings.clock.after(this.parts.settings.beat, () => {
      this.members.join().catch((error: Error) => this.trouble('meeting the others', error));
      this.members.tell();
      this.balance();
      this.beat();
    });
  }

  /** Hands over partitions that belong elsewhere, and pings those without an owner. */
  private balance(): void {
    if (this.left) return;
    for (const partition of this.partitions) {
      if (partition.state === 'ready' && this.belongsElsewhere(partition.partition))
        void this.yield(partition, true);
      else if (partition.state === 'standby' && this.members.ownerOf(partition.partition) === null)
        partition.ping();
    }
  }

  /** Whether the partition belongs to another member that is alive. */
  private belongsElsewhere(partition: number): boolean {
    for (;;) {
      const alive = this.members.alive();
      const wanted = fairShare(this.partitions.length, alive)[partition] as string;
      if (wanted === this.member) return false;
      if (!this.isGone(wanted, partition)) return true;
      this.members.suspect(wanted);
    }
  }

  /** The member owned the partition, or was handed it, but RabbitMQ delivers it to us. */
  private isGone(member: string, partition: number): boolean {
    if (this.partitions[partition]?.state === 'standby') return false;
    const given = this.yielded.get(partition);
    const unsubscribed = given?.to === member && this.members.seenAt(member) < given.at;
    return unsubscribed || this.members.ownerOf(partition) === member;
  }

  private async yield(partition: PartitionConsumer, announced: boolean): Promise<void> {
    const { drain } = this.parts.settings;
    partition.state = 'yielding';
    await this.settled([partition], drain);
    if (partition.state !== 'yielding') return;
    const to = fairShare(this.partitions.length, this.members.alive())[
      partition.partition
    ] as string;
    this.yielded.set(partition.partition, { to, at: performance.now() });
    if (announced) this.parts.listener.revoked([partition.partition]);
    this.members.tell();
    await partition.leave();
    this.members.tell();
    if (this.left) return;
    await partition.join().catch((error: Error) => this.broken(partition, error));
  }

  private revoke(partitions: readonly PartitionConsumer[]): void {
    const lost = partitions.filter(({ isActive }) => isActive).map(({ partition }) => partition);
    if (lost.length > 0) this.parts.listener.revoked(lost);
  }

  private async settled(partitions: readonly PartitionConsumer[], patience: number): Promise<void> {
    let forget = (): void => undefined;
    const enough = new Promise<void>((resolve) => {
      forget = this.parts.settings.clock.after(patience, resolve);
    });
    await Promise.race([Promise.all(partitions.map((partition) => partition.whenIdle())), enough]);
    forget();
  }

  /** Remains scheduled while it runs, so acks during the run are handled by it. */
  private readonly handOver = (): void => {
    let left = burst;
    try {
      for (; left > 0 && this.held < this.prefetch && this.flowing && !this.left; left -= 1) {
        const partition = this.next();
        if (!partition) break;
        const delivery = partition.take(
          this.parts.settings.clock.now().getTime(),
        ) as RabbitMqDelivery;
        this.held += 1;
        this.delivered += 1;
        this.parts.listener.deliver(delivery);
      }
    } finally {
      this.scheduled = false;
    }
    if (left === 0) this.released(0);
  };

  /** The partition with the most urgent message; equal ones take turns. */
  private next(): PartitionConsumer | undefined {
    let best: PartitionConsumer | undefined;
    let level = Number.POSITIVE_INFINITY;
    for (let step = 1; step <= this.partitions.length; step += 1) {
      const at = (this.turn + step) % this.partitions.length;
      const partition = this.partitions[at] as PartitionConsumer;
      const first = partition.state === 'ready' ? partition.waiting.first() : undefined;
      if (!first || first.level >= level) continue;
      best = partition;
      level = first.level;
    }
    if (best) this.turn = best.partition;
    return best;
  }

  private turn = 0;

  private trouble(doing: string, error: Error): void {
    if (!this.left) this.parts.settings.onTrouble(`${doing} of group ${this.group}`, error);
  }
}
