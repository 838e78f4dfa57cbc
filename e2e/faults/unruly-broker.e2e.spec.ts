import { describe, expect, it } from '@jest/globals';
import { chosenSeed } from '../system/chosen-seed.config.ts';
import { stockOf, stockUp } from '../system/products.ts';
import { useSystem } from '../system/test-system.ts';

const faults = `seed=${chosenSeed},duplicate=0.2,reorder=0.2,loseConfirm=0.05`;
/** The outcome of an undisturbed order, by its card. */
const fates = [
  ['tok_visa', 'confirmed', null],
  ['tok_mastercard', 'confirmed', null],
  ['tok_error_then_success', 'confirmed', null],
  ['tok_declined', 'rejected', 'payment_declined'],
  ['tok_capture_fails', 'rejected', 'payment_declined'],
] as const;
const rounds = 20;

describe(`on a broker that doubles, reorders and forgets to confirm (${faults})`, () => {
  const system = useSystem({ BROKER_FAULTS: faults });

  it('brings every order to the end that it has on a good one', async () => {
    const [ada, ops] = await Promise.all([system().as('ada'), system().as('ops')]);
    await stockUp(ops, 'PEDOMETER', 1_000);
    const buy = async ([token, status, reason]: (typeof fates)[number]): Promise<void> => {
      const lines = [{ sku: 'PEDOMETER', quantity: 1 }];
      const order = await ada.buy({ lines, payment: { method: 'card', token } });
      expect([token, order.status, order.reason]).toEqual([token, status, reason]);
    };
    await Promise.all(Array.from({ length: rounds }, () => fates.map(buy)).flat());
    expect(await system().verify()).toEqual([]);
    const confirmed = rounds * fates.filter(([, status]) => status === 'confirmed').length;
    expect(await stockOf(ops, 'PEDOMETER')).toMatchObject({
      available: 1_000 - confirmed,
      reserved: 0,
      sold: confirmed,
    });
  });

  it('tells the moves of a parcel in their order, however they come', async () => {
    const ada = await system().as('ada');
    const bought = await Promise.all(Array.from({ length: 10 }, () => ada.buy()));
    for (const { id } of bought) await system().sandboxes.moveParcel(id, 'delivered');
    await Promise.all(bought.map(({ id }) => system().reaches(ada, id, 'delivered')));
    expect(await system().verify()).toEqual([]);
  });
});
