import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Outgoing } from '@waybill/messaging';
import { Probe, randomFrom, seeds, until } from '@waybill/messaging/testing';
import { type EmbeddedBroker, embeddedBroker } from './embedded-broker.ts';
import { MessageLog } from './log/message-log.ts';
import { eventOf } from './log/messages.fixture.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waybill-replay-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const patience = 60_000;
const keys = ['a', 'b', 'c', 'd', 'e'];
const groupOf = (name: string) => ({
  name,
  kind: 'event' as const,
  partitions: 3,
  bindings: [{ channel: 'shop.events', pattern: '#' }],
});
/** The first delivery of each message of a key, in order. */
const firstsOf = (bodies: Iterable<string>, key: string): number[] =>
  [...new Set(bodies)].flatMap((body) => (body.startsWith(key) ? Number(body.slice(1)) : []));

/** A sender that repeats what is not confirmed, and a consumer, in a process that may be killed. */
class Shop {
  readonly published: string[] = [];
  /** What the group has committed since it was moved or the process began. */
  stretch: string[] = [];
  readonly committed = new Set<string>();
  /** What the group must get once more. */
  readonly owed = new Set<string>();
  readonly outbox = new Map<string, Outgoing>();
  private settled = 0;
  private n = 0;
  private probe = new Probe(false);
  private leave: () => Promise<void> = async () => undefined;

  private constructor(
    private folder: string,
    private log: MessageLog,
    private broker: EmbeddedBroker,
  ) {}

  static async open(folder: string): Promise<Shop> {
    const log = await MessageLog.open({ folder });
    const shop = new Shop(folder, log, embeddedBroker({ log, drain: 0 }));
    await shop.broker.declare([groupOf('orders')]);
    await shop.join();
    return shop;
  }

  publish(key: string): void {
    this.n += 1;
    const message = eventOf(`${key}${this.n}`, key);
    this.published.push(message.body);
    this.outbox.set(message.envelope.id, message);
    this.send(message);
  }

  /** The group commits at most `count` messages. */
  settle(count: number): void {
    for (const delivery of this.probe.deliveries.slice(this.settled, this.settled + count)) {
      this.settled += 1;
      delivery.ack();
      this.stretch.push(delivery.body);
      this.committed.add(delivery.body);
      this.owed.delete(delivery.body);
    }
  }

  async replay(): Promise<void> {
    await this.leave();
    await this.broker.operations.seek('orders', 'earliest');
    for (const body of this.committed) this.owed.add(body);
    await this.join();
  }

  /** Like `kill -9`: the next process finds what was written, and nothing comes of the rest. */
  async kill(hasSaved: boolean): Promise<void> {
    if (hasSaved) await this.log.places.idle();
    const dead = { log: this.log, broker: this.broker };
    const folder = `${this.folder}+`;
    const filter = (path: string) => !/lock|draft$/.test(path);
    cpSync(this.folder, folder, { recursive: true, filter });
    const outbox = [...this.outbox.values()];
    this.folder = folder;
    this.log = await MessageLog.open({ folder });
    this.broker = embeddedBroker({ log: this.log, drain: 0 });
    await dead.broker.close();
    await dead.log.close();
    this.outbox.clear();
    for (const message of outbox) this.outbox.set(message.envelope.id, message);
    await this.broker.declare([groupOf('orders')]);
    this.send(...outbox);
    await this.join();
  }

  /** Until everything is committed by the group, and known to be. */
  async drain(): Promise<void> {
    await until(() => {
      this.settle(1_000);
      return this.outbox.size === 0 && this.owed.size === 0;
    }, patience);
  }

  /** What a group gets that did not exist before. */
  async readAll(count: number): Promise<readonly string[]> {
    await this.broker.declare([groupOf('late')]);
    const late = new Probe(true);
    await this.broker.subscribe('late', late);
    await until(() => new Set(late.bodies()).size >= count, patience);
    return late.bodies();
  }

  async close(): Promise<void> {
    await this.broker.close();
    await this.log.close();
  }

  private send(...messages: readonly Outgoing[]): void {
    const { broker } = this;
    broker.publish(messages, (id, error) => {
      if (!error && broker === this.broker) this.outbox.delete(id);
    });
  }

  private async join(): Promise<void> {
    this.probe = new Probe(false);
    this.settled = 0;
    this.stretch = [];
    this.leave = await this.broker.subscribe('orders', this.probe);
  }
}

describe('a broker with a log that is killed and read again at any time', () => {
  it.each(seeds(6, 300))(
    'loses nothing, and keeps the order of each key: seed %d',
    async (seed) => {
      const random = randomFrom(seed);
      const shop = await Shop.open(join(home, 'log'));
      const isInOrder = () => {
        for (const key of keys) {
          const firsts = firstsOf(shop.stretch, key);
          expect(firsts).toEqual([...firsts].sort((one, other) => one - other));
        }
      };
      for (let step = 0; step < 50; step += 1) {
        const chance = random();
        if (chance < 0.3) {
          for (let left = random() * 6; left > 0; left -= 1)
            shop.publish(keys[Math.floor(random() * keys.length)] as string);
        } else if (chance < 0.7) shop.settle(chance < 0.5 ? 1_000 : Math.floor(random() * 8));
        else {
          isInOrder();
          if (chance < 0.9) await shop.replay();
          if (chance < 0.85) {
            shop.settle(2);
            await shop.replay();
            shop.settle(3);
          }
          if (chance > 0.8) {
            await shop.kill(random() < 0.5);
            if (random() < 0.5) await shop.drain();
          }
        }
        if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
      }
      await shop.drain();
      isInOrder();
      expect(shop.committed).toEqual(new Set(shop.published));
      await shop.replay();
      await shop.drain();
      const late = await shop.readAll(shop.published.length);
      for (const key of keys) {
        expect(firstsOf(shop.stretch, key)).toEqual(firstsOf(shop.published, key));
        expect(firstsOf(late, key)).toEqual(firstsOf(shop.published, key));
      }
      await shop.close();
    },
  );
});
