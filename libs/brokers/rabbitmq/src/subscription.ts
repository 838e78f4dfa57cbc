import { newId } from '@waybill/message';
import type { Group, Listener } from '@waybill/messaging';
import { hasUrgent } from './bindings.ts';
import { fairShare } from './fair-share.ts';
import type { Link } from './link.ts';
import { Members } from './members.ts';
import { ShardConsumer, type ShardHost } from './shard-consumer.ts';
import type { RabbitMqDelivery } from './shard-queue.ts';
import type { Voice } from './voice.ts';
import type { Workplace } from './workplace.ts';

/** What a subscription depends on. */
export interface SubscriptionParts extends Workplace {
  readonly group: Group;
  readonly listener: Listener;
  readonly prefetch: number;
  readonly voice: Voice;
}

/** Deliveries per turn, before other work of the process runs. */
const burst = 1_000;
const retryAfter = 500;
/** Minimum look-ahead for the most urgent task, however small the prefetch. */
const urgentLookAhead = 64;
const missing = 404;
const refused = 403;
const joinAttempts = 3;

/**
 * One consumer of a group. It consumes from the queue of every partition; RabbitMQ makes one consumer of each queue
 * active, and the members hand over partitions until all have the same number.
 */
export class Subscription implements ShardHost {
  readonly link: Link;
  readonly voice: Voice;
  readonly lookAhead: number;
  readonly consumerTag: string;
  private readonly prefetch: number;
  delivered = 0;
  ackedCount = 0;
  private readonly member = newId();
  private readonly shards: readonly ShardConsumer[];
  private readonly members: Members;
  /** Which member a partition was last handed to, and when; RabbitMQ returns it if that member is gone. */
  private readonly yielded = new Map<number, { readonly to: string; readonly at: number }>();
  private held = 0;
  private activated: ShardConsumer[] = [];
  private scheduled = false;
  private flowing = true;
  private left = false;
  private stopBeat: () => void = () => undefined;
  private unlisten: () => void = () => undefined;

  constructor(private readonly parts: SubscriptionParts) {
    const { group, names, link, voice, settings } = parts;
    this.link = link;
    this.voice = voice;
    this.prefetch = parts.prefetch;
    this.lookAhead = hasUrgent(group) ? Math.max(parts.prefetch, urgentLookAhead) : parts.prefetch;
    this.consumerTag = `${settings.service}.${settings.instance}.${this.member.slice(-12)}`;
    this.shards = Array.from({ length: group.shards }, (_, shard) => {
      const urgentQueue = hasUrgent(group) ? names.urgentQueue(group.name, shard) : null;
      const channel = group.bindings[0]?.channel ?? group.name;
      return new ShardConsumer(
        { shard, queue: names.queue(group.name, shard), urgentQueue, channel },
        this,
      );
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

  /** Messages from RabbitMQ that wait here for the consumer. */
  get waiting(): number {
    return this.shards.reduce((sum, { waiting }) => sum + waiting.size, 0);
  }

  /** When the oldest message here was published; infinity without messages. */
  oldest(): number {
    return Math.min(...this.shards.map((shard) => shard.oldest()));
  }

  /** Resolves when it consumes from every queue. */
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

  active(shard: ShardConsumer): void {
    this.activated.push(shard);
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

  broken(shard: ShardConsumer, error: Error | null): void {
    this.revoke([shard]);
    if (this.left) return;
    setTimeout(
      () => void this.repair(shard, error),
      this.link.state === 'connected' ? retryAfter : 0,
    ).unref();
  }

  /** Stops delivering; resolves when the consumer has no unsettled delivery, or after `patience` ms. */
  async drain(patience: number): Promise<void> {
    this.flowing = false;
    await this.settled(this.shards, patience);
  }

  /** Releases its partitions, with their unsettled deliveries; safe to call again. */
  async leave(): Promise<void> {
    if (this.left) return;
    this.left = true;
    this.stopBeat();
    this.unlisten();
    this.revoke(this.shards);
    await Promise.all(this.shards.map((shard) => shard.leave()));
    await this.members.leave();
  }

  private owned(): readonly number[] {
    return this.shards
      .filter(({ state }) => state === 'ready' || state === 'preparing')
      .map(({ shard }) => shard);
  }

  private async join(): Promise<void> {
    await Promise.all(
      this.shards.filter(({ state }) => state === 'closed').map((shard) => shard.join()),
    );
    await this.members.join();
    for (const shard of this.shards) if (shard.state === 'standby') shard.ping();
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
  private async repair(shard: ShardConsumer, cause: Error | null): Promise<void> {
    if (this.left || shard.state !== 'closed' || this.link.state !== 'connected') return;
    try {
      const gone =
        (cause as { code?: unknown } | null)?.code === missing ||
        /was deleted/.test(cause?.message ?? '');
      if (gone) await this.parts.topology.again();
      if (shard.state !== 'closed') return;
      await shard.join();
      shard.ping();
    } catch (error) {
      this.trouble(`shard ${shard.shard}`, error as Error);
      setTimeout(() => void this.repair(shard, error as Error), retryAfter).unref();
    }
  }

  private async prepare(shards: readonly ShardConsumer[]): Promise<void> {
    const fresh = shards.filter(({ state }) => state === 'preparing');
    if (fresh.length === 0 || this.left) return;
    const ours = fresh.filter((shard) => !this.belongsElsewhere(shard.shard));
    for (const shard of fresh) if (!ours.includes(shard)) void this.yield(shard, false);
    if (ours.length === 0) return;
    try {
      await this.parts.listener.assigned(ours.map(({ shard }) => shard));
    } catch (error) {
      this.trouble('preparing', error as Error);
      for (const shard of ours) void this.stepBack(shard);
      return;
    }
    for (const shard of ours) shard.ready();
    this.members.tell();
    this.balance();
  }

  /** The consumer is not prepared. Another one may be, and this one retries later. */
  private async stepBack(shard: ShardConsumer): Promise<void> {
    await shard.leave();
    if (this.left) return;
    setTimeout(() => void this.repair(shard, null), 2 * retryAfter).unref();
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
    for (const shard of this.shards) {
      if (shard.state === 'ready' && this.belongsElsewhere(shard.shard))
        void this.yield(shard, true);
      else if (shard.state === 'standby' && this.members.ownerOf(shard.shard) === null)
        shard.ping();
    }
  }

  /** Whether the partition belongs to another member that is alive. */
  private belongsElsewhere(shard: number): boolean {
    for (;;) {
      const alive = this.members.alive();
      const wanted = fairShare(this.shards.length, alive)[shard] as string;
      if (wanted === this.member) return false;
      if (!this.isGone(wanted, shard)) return true;
      this.members.suspect(wanted);
    }
  }

  /** The member owned the partition, or was handed it, but RabbitMQ delivers it to us. */
  private isGone(member: string, shard: number): boolean {
    if (this.shards[shard]?.state === 'standby') return false;
    const given = this.yielded.get(shard);
    const unheard = given?.to === member && this.members.seenAt(member) < given.at;
    return unheard || this.members.ownerOf(shard) === member;
  }

  private async yield(shard: ShardConsumer, announced: boolean): Promise<void> {
    const { drain } = this.parts.settings;
    shard.state = 'yielding';
    await this.settled([shard], drain);
    if (shard.state !== 'yielding') return;
    const to = fairShare(this.shards.length, this.members.alive())[shard.shard] as string;
    this.yielded.set(shard.shard, { to, at: performance.now() });
    if (announced) this.parts.listener.revoked([shard.shard]);
    this.members.tell();
    await shard.leave();
    this.members.tell();
    if (this.left) return;
    await shard.join().catch((error: Error) => this.broken(shard, error));
  }

  private revoke(shards: readonly ShardConsumer[]): void {
    const lost = shards.filter(({ isActive }) => isActive).map(({ shard }) => shard);
    if (lost.length > 0) this.parts.listener.revoked(lost);
  }

  private async settled(shards: readonly ShardConsumer[], patience: number): Promise<void> {
    let forget = (): void => undefined;
    const enough = new Promise<void>((resolve) => {
      forget = this.parts.settings.clock.after(patience, resolve);
    });
    await Promise.race([Promise.all(shards.map((shard) => shard.whenIdle())), enough]);
    forget();
  }

  /** Remains scheduled while it runs, so acks during the run are handled by it. */
  private readonly handOver = (): void => {
    let left = burst;
    try {
      for (; left > 0 && this.held < this.prefetch && this.flowing && !this.left; left -= 1) {
        const shard = this.next();
        if (!shard) break;
        const delivery = shard.take(this.parts.settings.clock.now().getTime()) as RabbitMqDelivery;
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
  private next(): ShardConsumer | undefined {
    let best: ShardConsumer | undefined;
    let level = Number.POSITIVE_INFINITY;
    for (let step = 1; step <= this.shards.length; step += 1) {
      const at = (this.turn + step) % this.shards.length;
      const shard = this.shards[at] as ShardConsumer;
      const first = shard.state === 'ready' ? shard.waiting.first() : undefined;
      if (!first || first.level >= level) continue;
      best = shard;
      level = first.level;
    }
    if (best) this.turn = best.shard;
    return best;
  }

  private turn = 0;

  private trouble(doing: string, error: Error): void {
    if (!this.left) this.parts.settings.onTrouble(`${doing} of group ${this.group}`, error);
  }
}
