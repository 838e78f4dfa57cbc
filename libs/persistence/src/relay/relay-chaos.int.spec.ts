import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomFrom } from '@waybill/messaging/testing';
import { shop } from '../testing/orders.fixture.ts';
import { type TestDatabase, testDatabase } from '../testing/test-database.ts';
import { UnrulyRelays } from '../testing/unruly-relays.fixture.ts';

let database: TestDatabase;
let relays: UnrulyRelays;

beforeAll(async () => {
  database = await testDatabase({ ...shop, poolSize: 30 });
}, 60_000);
afterAll(() => database?.close());
beforeEach(async () => {
  await database.pool.query('truncate outbox, outbox_page, relay_lane, relay_owner');
});
afterEach(() => relays.close());

/** The first numbers of an outbox: a new one, and ones whose numbers have grown large. */
const firsts = [1, 2 ** 31 - 50, 2 ** 52];

/** A seed determines the faults, not the timing of the machine; to search for more failures, raise the number of seeds. */
describe.each([
  ['one process after another', true, 24],
  ['several processes at once', false, 16],
])('relays of %s', (_, exclusive, seeds) => {
  it.each(Array.from({ length: seeds }, (_, i) => i + 1))(
    'lose no message, keep the order of every key, and come to rest (seed %d)',
    async (seed) => {
      const first = firsts[seed % firsts.length];
      await database.pool.query(`alter sequence outbox_seq_seq restart with ${first}`);
      relays = new UnrulyRelays(database, randomFrom(seed), exclusive);
      for (let n = 0; n < 80; n += 1) await relays.step();
      await relays.rest();
      const [stored, inHand] = [await relays.stored(), relays.inHand()];
      withStory(() => {
        expect(relays.seen()).toEqual(relays.expected());
        expect(relays.overdue()).toEqual([]);
        expect({ stored, inHand }).toEqual({ stored: 0, inHand: 0 });
      });
    },
  );
});

function withStory(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${relays.story.join('\n')}`);
  }
}
