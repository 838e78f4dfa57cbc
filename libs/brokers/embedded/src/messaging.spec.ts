import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module, Scope, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { encode, event, newId, request, wrap } from '@waybill/message';
import {
  answers,
  type BatchConsumer,
  BrokerRequests,
  type Brokers,
  batchConsumer,
  type DeadRow,
  Handles,
  Messaging,
  MessagingModule,
  oneBroker,
  Storage,
} from '@waybill/messaging';
import { MemoryStorage, until } from '@waybill/messaging/testing';
import { z } from 'zod';
import { embeddedBroker } from './embedded-broker.ts';

const named = { schema: z.strictObject({ id: z.string() }), summary: 'for tests' };
const Happened = event('shop.happened', { ...named, key: (data) => data.id });
const ExternalCall = request('shop.ask', { ...named, key: (data) => data.id });

@Module({})
class StorageModule {}

/** An application that stores in memory. */
const serving = (
  brokers: Brokers,
  storage: MemoryStorage,
  ...providers: Type[]
): Promise<TestingModule> =>
  Test.createTestingModule({
    imports: [
      {
        module: StorageModule,
        global: true,
        providers: [{ provide: Storage, useValue: storage }],
        exports: [Storage],
      },
      MessagingModule.forRoot({
        service: 'shop',
        brokers,
        log: { warn: () => {}, error: () => {} },
      }),
    ],
    providers,
  }).compile();

describe('what a service receives beside its consumer', () => {
  const running: TestingModule[] = [];
  afterEach(async () => {
    for (const module of running.splice(0)) await module.close();
  });

  const start = async (write: BatchConsumer['write']) => {
    @Injectable()
    class Shop {
      @Handles()
      bulk() {
        return batchConsumer(Happened, { group: 'shop.bulk', linger: 1, write });
      }

      @Handles()
      call() {
        return answers(ExternalCall, async ({ id }) => ({ hello: id }));
      }
    }
    const deadLettered: (string | null)[] = [];
    const broker = Object.assign(embeddedBroker(), {
      deadLettered: (letters: readonly DeadRow[]) =>
        deadLettered.push(...letters.map(({ key }) => key)),
    });
    const brokers = oneBroker(broker);
    const storage = new MemoryStorage(brokers);
    const { store } = storage;
    const module = await serving(brokers, storage, Shop);
    running.push(module);
    const messaging = module.get(Messaging);
    await messaging.start();
    const publish = (id: string): Promise<void> => {
      const message = Happened({ id });
      const cause = { id: newId(), correlationId: 'c', traceparent: null };
      const envelope = wrap(message, { cause, source: 'shop', now: new Date(), name: 'n' });
      const outgoing = { channel: 'shop.events', envelope, body: encode(envelope) };
      return new Promise((resolve, reject) => {
        broker.publish([outgoing], (_id, error) => (error ? reject(error) : resolve()));
      });
    };
    return { brokers, deadLettered: deadLettered, store, messaging, publish };
  };

  it('is declared with the groups of the service', async () => {
    const { messaging } = await start(async (batch) => batch.map(({ id }) => ({ id })));
    expect(messaging.groups().map(({ name }) => name)).toEqual(['shop.bulk']);
  });

  describe('a redriven dead letter of a batch consumer', () => {
    /** Publishes a message that becomes a dead letter, and redrives it as the API does; `again` is the outcome then. */
    const redriven = async (again: 'written' | 'refused') => {
      const written: string[] = [];
      let tries = 0;
      const { store, messaging, publish } = await start(async (batch) =>
        batch.map(({ id }) => {
          tries += 1;
          if (tries > 1 && again === 'written') written.push(id);
          const error = Object.assign(new Error('no'), { retriable: false });
          return tries > 1 && again === 'written' ? { id } : { id, error };
        }),
      );
      await publish('a');
      await until(() => store.dead.length === 1);
      const [letter] = store.dead.splice(0);
      const name = `shop.bulk/${letter?.messageId}`;
      const row = store.inbox.get(name);
      if (!letter?.messageId || !row) throw new Error('the message is no dead letter');
      store.inbox.set(name, { ...row, outcome: 'parked' });
      const { group, messageId, partition, channel, body, firstAt, at } = letter;
      const deferred = {
        group,
        messageId,
        partition,
        channel,
        body,
        firstAt,
        key: 'a',
        attempt: 0,
      };
      store.deferred.set(name, { ...deferred, dueAt: at, reason: 'redriven', error: null });
      messaging.wake();
      await until(() => store.deferred.size === 0);
      return { store, written, name, id: messageId };
    };

    it('is written, and is dead no more', async () => {
      const { store, written, name, id } = await redriven('written');
      expect([written, store.inbox.get(name)?.outcome, store.dead]).toEqual([[id], 'applied', []]);
    });

    it('is a dead letter again when it cannot be written', async () => {
      const { store, name, id } = await redriven('refused');
      expect(store.inbox.get(name)?.outcome).toBe('dead');
      expect(store.dead).toMatchObject([{ messageId: id, group: 'shop.bulk' }]);
    });
  });

  it('goes through its batch consumers in bulk', async () => {
    const written: string[] = [];
    const { publish } = await start(async (batch) => {
      written.push(...batch.map(({ key }) => key));
      return batch.map(({ id }) => ({ id }));
    });
    await Promise.all(['a', 'b', 'c'].map(publish));
    expect(written.sort()).toEqual(['a', 'b', 'c']);
  });

  it('becomes a dead letter, with its inbox row, when a batch consumer can never write it', async () => {
    const error = Object.assign(new Error('no such index'), { retriable: false, code: 'no_index' });
    const { deadLettered, publish, store } = await start(async (batch) =>
      batch.map(({ id }) => ({ id, error })),
    );
    await publish('a');
    expect(deadLettered).toEqual(['a']);
    expect(store.dead).toHaveLength(1);
    expect(store.dead[0]).toMatchObject({
      group: 'shop.bulk',
      key: 'a',
      type: 'shop.happened',
      code: 'no_index',
      error: 'no such index',
    });
    const [row] = store.inbox.values();
    expect(row).toMatchObject({ group: 'shop.bulk', outcome: 'dead', first: true });
  });

  it('is answered when it is a request', async () => {
    const { brokers } = await start(async () => []);
    const requests = new BrokerRequests(brokers, { source: 'gateway' });
    expect(await requests.request(ExternalCall, { id: 'ada' }, { deadline: 500 })).toEqual({
      hello: 'ada',
    });
  });

  it('does not come to life again when it is stopped while it begins', async () => {
    const brokers = oneBroker(embeddedBroker());
    const storage = new MemoryStorage(brokers);
    let go = (): void => {};
    storage.relay.start = async () => {
      storage.steps.push('relay started');
      await new Promise<void>((resolve) => {
        go = resolve;
      });
    };
    const module = await serving(brokers, storage);
    const messaging = module.get(Messaging);
    const started = messaging.start();
    await until(() => storage.steps.includes('relay started'));
    const closed = module.close();
    go();
    await Promise.all([started, closed]);
    expect(messaging.isWorking).toBe(false);
    expect(storage.steps).toContain('relay stopped');
  });
});

describe('a class with methods that are marked with @Handles()', () => {
  it('is refused when it is created anew for each request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @Handles(Happened)
      async happened() {}
    }
    const brokers = oneBroker(embeddedBroker());
    const module = await serving(brokers, new MemoryStorage(brokers), PerRequest);
    const start = async () => module.get(Messaging).start();
    await expect(start()).rejects.toThrow('PerRequest.happened is marked with @Handles(), so its');
  });
});

describe('a method marked with @Handles() without a contract', () => {
  it('is refused when it takes the message itself, and when it returns no handler', async () => {
    @Injectable()
    class Takes {
      @Handles()
      happened({ id }: { id: string }) {
        return id;
      }
    }
    @Injectable()
    class Returns {
      @Handles()
      async happened() {}
    }
    for (const provider of [Takes, Returns]) {
      const brokers = oneBroker(embeddedBroker());
      const module = await serving(brokers, new MemoryStorage(brokers), provider);
      const start = async () => module.get(Messaging).start();
      await expect(start()).rejects.toThrow(`${provider.name}.happened is marked with @Handles()`);
      await brokers.close();
    }
  });
});
