import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { HandClock } from '@waybill/messaging/testing';
import { eventually, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { Queryable } from './event-store.ts';
import { EventStoreTables1763683250000 } from './event-tables.ts';
import { ReadModel } from './read-model.ts';
import { ReadModelTables1796690000001 } from './read-model-tables.ts';
import type { StoredEvent } from './stored-event.ts';

type Noted = { readonly type: 'noted'; readonly data: { readonly word: string } };

class Words1796690000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table words (generation integer, word text, count integer)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table words');
  }
}

let database: TestDatabase;
let log: StoredEvent<Noted>[];
beforeAll(async () => {
  database = await testDatabase({
    tables: [],
    migrations: [EventStoreTables1763683250000, ReadModelTables1796690000001, Words1796690000002],
  });
}, 60_000);
afterAll(() => database?.close());
beforeEach(async () => {
  log = [];
  await database.pool.query(`update event_head set position = 0; delete from words; delete from read_models;
    delete from read_model_rebuilds; delete from projection_checkpoint`);
});

async function happens(...words: string[]): Promise<void> {
  for (const word of words) {
    const at = new Date(Date.now() - 60_000).toISOString();
    const event: Noted = { type: 'noted', data: { word } };
    const position = log.length + 1;
    log.push({ position, streamId: word, version: 1, event, at, messageId: newId() });
  }
  await database.pool.query('update event_head set position = $1', [log.length]);
}

/** A replica of the read model; `entering` is called before each batch is written. */
const replica = (entering: (generation: number) => Promise<void> | void = () => undefined) =>
  new ReadModel<Noted>({
    name: 'words',
    events: {
      readAll: async (after, limit = 500) =>
        log.filter(({ position }) => position > after).slice(0, limit),
    },
    pool: database.pool,
    batchSize: 2,
    apply: async (client, events, generation) => {
      await entering(generation);
      for (const { event } of events)
        await client.query('insert into words values ($1, $2, 1)', [generation, event.data.word]);
    },
    forget: async (client, generation) => {
      await client.query('delete from words where generation = $1', [generation]);
    },
  });

async function wordsIn(client: Queryable, generation: number): Promise<string> {
  const { rows } = await client.query<{ word: string }>(
    'select word from words where generation = $1 order by ctid',
    [generation],
  );
  return rows.map(({ word }) => word).join(' ');
}
const shown = async (model: ReadModel<Noted>) => (await model.read(wordsIn)).result;
const generations = async (): Promise<number[]> => {
  const { rows } = await database.pool.query(
    'select distinct generation from words order by generation',
  );
  return rows.map(({ generation }) => generation);
};

describe('a read model', () => {
  it('shows each event once, and how far it is behind', async () => {
    const model = replica();
    await happens('a', 'b', 'c');
    const behind = await model.read(wordsIn);
    expect(behind.result).toBe('');
    expect(behind.lagMs).toBeGreaterThanOrEqual(60_000);
    expect(Date.parse(behind.asOf)).toBeLessThanOrEqual(Date.parse(log[0]?.at ?? '') + 1);
    await Promise.all([model.follow(), replica().follow(), model.follow()]);
    expect(await model.read(wordsIn)).toMatchObject({ result: 'a b c', lagMs: 0 });
    expect(await model.status()).toMatchObject({
      generation: 1,
      position: 3,
      head: 3,
      rebuild: null,
    });
  });

  it('follows by itself until it is stopped', async () => {
    const [model, clock] = [replica(), new HandClock()];
    model.start(clock);
    await happens('a');
    await eventually(async () => {
      clock.advance(250);
      return (await shown(model)) === 'a';
    });
    await model.stop();
    await happens('b');
    clock.advance(1_000);
    expect(await shown(model)).toBe('a');
  });
});

describe('a rebuild', () => {
  it('serves the old rows until the new ones show as much, then only those', async () => {
    const model = replica();
    await happens('a', 'b', 'c');
    await model.follow();
    const begun = await model.rebuild('ops');
    expect(begun).toMatchObject({
      state: 'running',
      progress: 0,
      requestedBy: 'ops',
      generation: 2,
    });
    expect((await replica().rebuild('another')).id).toBe(begun.id);

    const during: unknown[] = [];
    await replica(async (generation) => {
      if (generation !== 2) return;
      during.push([await shown(model), (await model.findRebuild(begun.id))?.progress]);
      if (during.length === 1) {
        await happens('d');
        await model.follow();
      }
    }).build();

    expect(during[0]).toEqual(['a b c', 0]);
    expect(during[1]).toEqual(['a b c d', 0.666]);
    expect(await shown(model)).toBe('a b c d');
    expect(await generations()).toEqual([2]);
    expect(await model.findRebuild(begun.id)).toMatchObject({ state: 'done', progress: 1 });
    expect((await model.status()).rebuild).toBeNull();
  });

  it('is finished by another replica if the first is gone', async () => {
    const model = replica();
    await happens('a', 'b', 'c', 'd');
    await model.follow();
    const { id } = await model.rebuild('ops');
    let batches = 0;
    const dying = replica((generation) => {
      batches += generation === 2 ? 1 : 0;
      if (batches === 2) throw new Error('killed');
    });
    await expect(dying.build()).rejects.toThrow('killed');
    expect(await model.findRebuild(id)).toMatchObject({ state: 'running', progress: 0.5 });
    await model.build();
    expect([await shown(model), await generations()]).toEqual(['a b c d', [2]]);
  });

  it('leaves nothing of the old rows, although a replica was still writing them', async () => {
    const model = replica();
    await happens('a', 'b');
    await model.follow();
    await model.rebuild('ops');
    await happens('c');
    let rebuilt: Promise<void> | undefined;
    const slow = replica((generation) => {
      // Its batch of the old generation holds the checkpoint, for which the new one waits.
      if (generation === 1) rebuilt ??= model.build();
    });
    await slow.follow();
    await rebuilt;
    await slow.follow();
    await model.build();
    expect([await shown(slow), await generations()]).toEqual(['a b c', [2]]);
  });
});
