import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@waybill/testing';
import { chosenSeed } from '../system/chosen-seed.config.ts';
import type { Client } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { lasting } from '../system/fault-runs.ts';
import { lostReturns } from '../system/returning-shopper.ts';
import { brokenPromises, lostCancels, Shoppers, strangers } from '../system/shoppers.ts';
import { useSystem } from '../system/test-system.ts';

const kills = 12;
const longestLife = 500;

/** Gives a customer store credit, enough for some of the orders. */
async function enrich(customer: Client, operator: Client): Promise<void> {
  const path = `/api/v1/customers/${customer.userId}/credit/deposit`;
  const amount = { amount: 10_000_000, currency: 'EUR' };
  await eventually(
    'there is credit',
    async () => (await operator.post(path, { amount })).status === 200,
  );
}

describe('while customers order, cancel and return, and processes are killed', () => {
  // Payments that customers never confirm are given up soon.
  const system = useSystem({ PAYMENT_ACTION_WITHIN: '10s', PAYMENT_ACTION_QUERY_EVERY: '1s' });
  const random = seededRandom(chosenSeed);
  const bought: Shoppers['bought'] = [];
  const cancelled: string[] = [];
  const returned: string[] = [];
  let confirmed = 0;

  /** Lets customers order while `breaks` runs, then checks that every accepted order is kept. */
  async function shopWhile(breaks: () => Promise<void>): Promise<void> {
    const ada = await system().as('ada');
    const operator = await system().as('ops');
    await enrich(ada, operator);
    const deliver = (id: string) => system().sandboxes.moveParcel(id, 'delivered');
    const returning = { share: 0.2, deliver, operator };
    const shoppers = new Shoppers(ada, random, 8, 0, 0.4, true, returning, true);
    shoppers.start();
    try {
      await breaks();
    } catch (error) {
      await shoppers.abandon();
      throw error;
    }
    await shoppers.stop();
    bought.push(...shoppers.bought);
    expect(shoppers.surprises).toEqual([]);
    expect(shoppers.bought.length).toBeGreaterThan(0);
    confirmed += shoppers.confirmed;
    expect(await system().verify()).toEqual([]);
    expect(await brokenPromises(ada, shoppers.bought)).toEqual([]);
    cancelled.push(...shoppers.cancelled);
    returned.push(...shoppers.returned);
  }

  it(`loses nothing at ${kills} random kill -9 of the system (seed ${chosenSeed})`, async () => {
    await shopWhile(async () => {
      for (let i = 0; i < kills; i += 1) {
        await lasting(random.below(longestLife));
        await system().kill9();
        await system().start();
      }
    });
  });

  it('loses nothing when everything is killed at once, PostgreSQL too', async () => {
    await shopWhile(async () => {
      for (let i = 0; i < 3; i += 1) {
        await lasting(random.below(longestLife));
        await system().kill9All();
        await system().start();
      }
    });
  });

  it('goes on by itself when PostgreSQL alone is killed', async () => {
    await shopWhile(async () => {
      await lasting(random.below(longestLife));
      await system().kill9One('postgres');
      await system().acceptsAgain();
      await lasting(random.below(longestLife));
    });
  });

  it.each(['paymentProvider', 'carriers'] as const)(
    'goes on by itself when the %s sandbox alone is killed',
    async (which) => {
      await shopWhile(async () => {
        await lasting(random.below(longestLife));
        await system().kill9One(which);
        await system().acceptsAgain();
        await lasting(random.below(longestLife));
      });
    },
  );

  it('has every order that was ever accepted, and no other, and has lost no cancel and no return', async () => {
    const ada = await system().as('ada');
    expect(await strangers(ada, bought)).toEqual([]);
    expect(cancelled.length).toBeGreaterThan(0);
    expect(confirmed).toBeGreaterThan(0);
    expect(await lostCancels(ada, cancelled)).toEqual([]);
    expect(returned.length).toBeGreaterThan(0);
    expect(await lostReturns(ada, returned)).toEqual([]);
    expect(await brokenPromises(ada, bought)).toEqual([]);
    expect(await system().verify()).toEqual([]);
  });
});
