import { describe, expect, it } from '@jest/globals';
import {
  isOverdue,
  orderOf,
  remind,
  type SupplierOrder,
  takeAnswer,
  takeDelivery,
} from './supplier-order.ts';

const now = new Date('2026-03-01T10:00:00.000Z');
const afterAnHour = new Date('2026-03-01T11:00:00.000Z');
const remindAfter = 3_600_000;
const requestId = '0195a000-0000-7000-8000-000000000001';
const requested = orderOf(
  { requestId, sku: 'MUG', quantity: 20 },
  { supplier: 'granary', warehouse: 'MAIN' },
  { now, remindAfter },
);
const ordered: SupplierOrder = { ...requested, status: 'ordered' };
const delivery = { requestId, supplier: 'granary', sku: 'MUG', quantity: 20 };
const refused = { outcome: 'refused', detail: 'has no MUG' } as const;

describe('an order at a supplier', () => {
  it('is ordered, or refused for good, by the first answer', () => {
    expect(takeAnswer(requested, { outcome: 'ordered' })).toEqual(ordered);
    const after = takeAnswer(requested, refused);
    expect(after).toMatchObject({ status: 'refused', refusal: 'has no MUG', remindAt: null });
    expect(takeAnswer(after, { outcome: 'ordered' })).toBeUndefined();
    expect(takeAnswer(ordered, refused)).toBeUndefined();
  });

  it('is asked for again when nothing comes, and is overdue from then on', () => {
    expect(remind(ordered, { now, remindAfter })).toBeUndefined();
    expect(isOverdue(ordered)).toBe(false);
    const again = remind(ordered, { now: afterAnHour, remindAfter });
    expect(again).toMatchObject({ reminders: 1, remindAt: '2026-03-01T12:00:00.000Z' });
    expect(again && isOverdue(again)).toBe(true);
    expect(remind(again, { now: afterAnHour, remindAfter })).toBeUndefined();
  });

  it('is not asked for again once it is refused or delivered', () => {
    for (const each of [
      takeAnswer(requested, refused),
      takeDelivery(ordered, delivery, now).order,
    ]) {
      expect(remind(each, { now: afterAnHour, remindAfter })).toBeUndefined();
    }
  });

  it('is delivered once, also before the answer and after a refusal', () => {
    for (const each of [requested, ordered, takeAnswer(requested, refused)]) {
      const { fate, order } = takeDelivery(each, delivery, afterAnHour);
      expect([fate, order?.status]).toEqual(['applied', 'delivered']);
      expect(takeDelivery(order, delivery, afterAnHour)).toEqual({ fate: 'known' });
      expect(takeAnswer(order, { outcome: 'ordered' })).toBeUndefined();
    }
  });

  it.each([{ sku: 'CUP' }, { quantity: 21 }, { supplier: 'another' }])(
    'is not delivered by %j',
    (other) => {
      expect(takeDelivery(ordered, { ...delivery, ...other }, now)).toEqual({
        fate: 'contradicts',
      });
      expect(takeDelivery(undefined, { ...delivery, ...other }, now)).toEqual({ fate: 'unknown' });
    },
  );
});
