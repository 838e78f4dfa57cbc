import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  commitLines,
  type Reservation,
  type ReservationOutcome,
  releaseLines,
  reserveLines,
  restoreLines,
  reviewOverdue,
} from './reservation.ts';
import { noStock, receive, type Stock } from './stock.ts';

const now = new Date('2026-05-01T10:00:00.000Z');
const orderId = '019a0000-0000-7000-8000-000000000001';
const order = {
  orderId,
  lines: [
    { sku: 'MUG', quantity: 2 },
    { sku: 'LAMP-DESK', quantity: 1 },
  ],
};
const reviewAfter = 20 * 60_000;

/** Inventory from the view of one order: its reservation, and the stock it affects. */
class Shop {
  reservation: Reservation | undefined;
  readonly stock = new Map<string, Stock>();
  readonly movements: string[] = [];
  readonly low: string[] = [];

  constructor(available: Record<string, number> = { MUG: 5, 'LAMP-DESK': 5 }) {
    for (const [sku, quantity] of Object.entries(available)) {
      const none = noStock(sku, 1);
      this.stock.set(sku, quantity > 0 ? receive(none, quantity, 'MAIN') : none);
    }
  }

  reserve(command = order) {
    return this.apply(
      reserveLines(this.reservation, command, (sku) => this.stock.get(sku), { now, reviewAfter }),
    );
  }

  release(command = order) {
    return this.apply(releaseLines(this.reservation, command, (sku) => this.stock.get(sku), now));
  }

  commit(command = order) {
    return this.apply(commitLines(this.reservation, command, (sku) => this.stock.get(sku), now));
  }

  restore(command = order) {
    return this.apply(restoreLines(this.reservation, command, (sku) => this.stock.get(sku), now));
  }

  parts(sku: string) {
    const { available, reserved, sold } = this.stock.get(sku) ?? noStock(sku, 1);
    return [available, reserved, sold];
  }

  private apply(outcome: ReservationOutcome) {
    this.reservation = outcome.reservation ?? this.reservation;
    for (const stock of outcome.stocks) this.stock.set(stock.sku, stock);
    this.movements.push(...outcome.movements.map((m) => `${m.kind} ${m.quantity} ${m.sku}`));
    this.low.push(...outcome.low.map(({ sku }) => sku));
    return outcome.answer;
  }
}

describe('a reservation', () => {
  it('puts all lines aside, and is reviewed when it has waited long', () => {
    const shop = new Shop();

    expect(shop.reserve()).toEqual({ is: 'reserved' });

    expect(shop.parts('MUG')).toEqual([3, 2, 0]);
    expect(shop.parts('LAMP-DESK')).toEqual([4, 1, 0]);
    expect(shop.movements).toEqual(['reserved 2 MUG', 'reserved 1 LAMP-DESK']);
    expect(shop.reservation).toMatchObject({
      status: 'reserved',
      reservedAt: '2026-05-01T10:00:00.000Z',
      reviewAt: '2026-05-01T10:20:00.000Z',
    });
  });

  it('puts nothing aside when one line is short, and names the short products', () => {
    const shop = new Shop({ MUG: 5, 'LAMP-DESK': 0 });

    expect(shop.reserve()).toEqual({
      is: 'rejected',
      reason: 'out_of_stock',
      skus: ['LAMP-DESK'],
    });

    expect(shop.parts('MUG')).toEqual([5, 0, 0]);
    expect(shop.movements).toEqual([]);
  });

  it('counts a product without stock as short', () => {
    expect(new Shop({ MUG: 5 }).reserve()).toMatchObject({ skus: ['LAMP-DESK'] });
  });

  it('counts two lines of one product together', () => {
    const lines = [
      { sku: 'MUG', quantity: 3 },
      { sku: 'MUG', quantity: 3 },
    ];
    const shop = new Shop();

    expect(shop.reserve({ orderId, lines })).toMatchObject({ is: 'rejected', skus: ['MUG'] });
  });

  it('keeps a refusal: asked again when stock has come, the answer is the same', () => {
    const shop = new Shop({ MUG: 5, 'LAMP-DESK': 0 });
    shop.reserve();
    shop.stock.set('LAMP-DESK', receive(noStock('LAMP-DESK', 1), 9, 'MAIN'));

    expect(shop.reserve()).toMatchObject({ is: 'rejected', reason: 'out_of_stock' });

    expect(shop.parts('LAMP-DESK')).toEqual([9, 0, 0]);
  });

  it('makes released lines available again', () => {
    const shop = new Shop();
    shop.reserve();

    expect(shop.release()).toEqual({ is: 'released' });

    expect(shop.parts('MUG')).toEqual([5, 0, 0]);
    expect(shop.reservation).toMatchObject({ status: 'released', reviewAt: null });
  });

  it('counts committed lines as sold', () => {
    const shop = new Shop();
    shop.reserve();

    expect(shop.commit()).toEqual({ is: 'committed' });

    expect(shop.parts('MUG')).toEqual([3, 0, 2]);
    expect(shop.movements.slice(2)).toEqual(['sold 2 MUG', 'sold 1 LAMP-DESK']);
  });

  it('commits although nothing else is available any more', () => {
    const shop = new Shop({ MUG: 2, 'LAMP-DESK': 1 });
    shop.reserve();

    expect(shop.commit()).toEqual({ is: 'committed' });
    expect(shop.parts('MUG')).toEqual([0, 0, 2]);
  });

  it('answers a repeated commit without effect', () => {
    const shop = new Shop();
    shop.reserve();
    shop.commit();

    expect(shop.commit()).toEqual({ is: 'committed' });
    expect(shop.reserve()).toEqual({ is: 'reserved' });
    expect(shop.parts('MUG')).toEqual([3, 0, 2]);
  });

  it('cannot be committed when it is unknown or undone, nor released when it is sold', () => {
    const unknown = new Shop();
    expect(() => unknown.commit()).toThrow('is unknown and cannot be committed');
    unknown.release();
    expect(() => unknown.commit()).toThrow('is undone and cannot be committed');

    const sold = new Shop();
    sold.reserve();
    sold.commit();
    expect(() => sold.release()).toThrow('are sold and cannot be released');
  });

  it('puts sold lines back on sale, once, and stays so whatever comes late', () => {
    const shop = new Shop();
    shop.reserve();
    shop.commit();

    expect([shop.restore(), shop.restore()]).toEqual([{ is: 'restored' }, { is: 'restored' }]);
    expect(shop.commit()).toEqual({ is: 'committed' });
    expect(shop.release()).toEqual({ is: 'released' });
    expect(shop.reserve()).toEqual({ is: 'reserved' });

    expect(shop.parts('MUG')).toEqual([5, 0, 0]);
    expect(shop.movements.slice(4)).toEqual(['restored 2 MUG', 'restored 1 LAMP-DESK']);
    expect(shop.reservation?.status).toBe('restored');
  });

  it('puts nothing back that was not sold', () => {
    const shop = new Shop();
    expect(() => shop.restore()).toThrow('is unknown: nothing of it was sold');
    shop.reserve();
    expect(() => shop.restore()).toThrow('is reserved: nothing of it was sold');
  });

  it('refuses to settle lines whose stock was not loaded', () => {
    const shop = new Shop();
    shop.reserve();
    shop.stock.delete('LAMP-DESK');

    expect(() => shop.release()).toThrow('LAMP-DESK of the reservation is not in the command');
  });

  it('tells which products fell to their threshold', () => {
    const shop = new Shop({ MUG: 3, 'LAMP-DESK': 5 });
    shop.reserve();

    expect(shop.low).toEqual(['MUG']);
  });
});

describe('do and undo in any order', () => {
  type Step = 'do' | 'do again' | 'undo' | 'redriven do';
  const steps: readonly Step[] = ['do', 'do again', 'undo', 'redriven do'];
  const permutations = permute(steps);

  it.each(permutations)(
    '%s, %s, %s, %s leaves nothing reserved and answers each do alike',
    (...order) => {
      const shop = new Shop();
      let undone = false;
      for (const step of order) {
        if (step === 'undo') {
          expect(shop.release()).toEqual({ is: 'released' });
          undone = true;
        } else {
          expect(shop.reserve()).toEqual(
            undone ? { is: 'rejected', reason: 'undone', skus: [] } : { is: 'reserved' },
          );
        }
      }
      expect(shop.parts('MUG')).toEqual([5, 0, 0]);
      const expected =
        order[0] === 'undo'
          ? []
          : ['reserved 2 MUG', 'reserved 1 LAMP-DESK', 'released 2 MUG', 'released 1 LAMP-DESK'];
      expect(shop.movements).toEqual(expected);
    },
  );

  it('has an effect at most once, whatever comes how often', () => {
    const step = fc.constantFrom('reserve', 'release', 'commit', 'restore');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (commands) => {
        const shop = new Shop();
        for (const command of commands) {
          try {
            shop[command]();
          } catch (error) {
            expect(error).toMatchObject({ retriable: false });
          }
        }
        expect(new Set(shop.movements).size).toBe(shop.movements.length);
        const [available = 0, reserved = 0, sold = 0] = shop.parts('MUG');
        expect(available + reserved + sold).toBe(5);
      }),
    );
  });
});

describe('an overdue reservation', () => {
  const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

  it('asks its order, and again ever more rarely while nothing comes', () => {
    const shop = new Shop();
    shop.reserve();
    let found = shop.reservation;
    const due: string[] = [];
    for (let asked = 0; asked < 9; asked += 1) {
      due.push(found?.reviewAt ?? '');
      found = reviewOverdue(found, new Date(found?.reviewAt ?? 0));
    }

    const waits = due.slice(1).map((to, i) => (Date.parse(to) - Date.parse(due[i] ?? '')) / 60_000);
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('is not asked about before its time, nor when it is settled', () => {
    const shop = new Shop();
    expect(reviewOverdue(shop.reservation, at(60))).toBeUndefined();
    shop.reserve();
    expect(reviewOverdue(shop.reservation, at(19))).toBeUndefined();
    shop.commit();
    expect(reviewOverdue(shop.reservation, at(60))).toBeUndefined();
  });
});

function permute<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) =>
    permute([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}
