import { expect } from '@jest/globals';
import { seededRandom } from '@waybill/testing';
import { chosenSeed } from './chosen-seed.config.ts';
import type { ComposeSystem } from './compose-system.ts';
import { patient } from './patience.config.ts';
import { brokenPromises, Shoppers } from './shoppers.ts';

/** Lets customers order while `does` runs on a system of containers, then checks the invariants. */
export async function whileCustomersOrder(
  system: ComposeSystem,
  does: (shoppers: Shoppers) => Promise<void>,
): Promise<void> {
  const ada = await system.as('ada');
  const shoppers = new Shoppers(ada, seededRandom(chosenSeed), 4, 100);
  shoppers.start();
  try {
    await shoppers.reach(20, patient(60_000));
    await does(shoppers);
    await shoppers.reach(shoppers.bought.length + 20, patient(120_000));
    await shoppers.stop(patient(120_000));
  } catch (error) {
    await shoppers.abandon();
    throw error;
  }
  expect(shoppers.surprises).toEqual([]);
  expect(await system.verify()).toEqual([]);
  expect(await brokenPromises(ada, shoppers.bought)).toEqual([]);
}
