import { instant, money, shippingMethod } from '@waybill/contracts';
import { z } from 'zod';
import { fateOf } from '../domain/carrier-facts.ts';
import { moves, orderOf, type Shipment, shipmentStatuses } from '../domain/shipment.ts';

const factView = z.strictObject({
  status: z.enum(moves),
  at: instant,
  fate: z.enum(['applied', 'held', 'contradicts']),
});

/** A shipment as shown to operators: its state, and all facts of its carriers. */
export const shipmentView = z
  .strictObject({
    id: z.uuid(),
    orderId: z.uuid(),
    parcel: z
      .strictObject({ number: z.int(), of: z.int(), warehouse: z.string() })
      .nullable()
      .meta({ description: 'Which of several parcels of its order; null if it is the only one' }),
    status: z.enum(shipmentStatuses),
    carrier: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    method: shippingMethod.nullable(),
    country: z.string().nullable(),
    weightGrams: z.int().nullable(),
    cost: money.nullable(),
    refusal: z.string().nullable(),
    refusalReason: z.string().nullable(),
    tried: z.array(
      z.strictObject({
        carrier: z.string(),
        because: z.string(),
        at: instant,
        facts: z.array(factView),
      }),
    ),
    facts: z.array(factView),
    since: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Shipment' });
export type ShipmentView = z.output<typeof shipmentView>;

export const shipmentPage = z.strictObject({
  items: z.array(shipmentView),
  nextCursor: z.string().nullable(),
});

/** Without the address, because operators who handle parcels do not need to know the customer. */
export function viewOf(row: Shipment): ShipmentView {
  const { id, parcel, status, carrier, trackingNumber, method, weightGrams } = row;
  const { costAmount: amount, costCurrency: currency, refusal, refusalReason, tried } = row;
  return {
    id,
    orderId: orderOf(row),
    parcel: parcel && { number: parcel.number, of: parcel.of, warehouse: parcel.warehouse },
    status,
    carrier,
    trackingNumber,
    method,
    country: row.address?.country ?? null,
    weightGrams,
    cost: amount === null || currency === null ? null : { amount, currency },
    refusal,
    refusalReason,
    tried: tried.map(({ facts, ...each }) => ({
      ...each,
      facts: facts.map((fact) => ({ ...fact, fate: 'contradicts' })),
    })),
    facts: row.facts.map((fact) => ({ ...fact, fate: fateOf(row, fact) })),
    since: row.since,
    updatedAt: row.updatedAt,
  };
}
