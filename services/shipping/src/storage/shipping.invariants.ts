import type { DataSource } from 'typeorm';
import { isLive, operationIdOf, type Parcel, type ShipmentStatus } from '../domain/shipment.ts';

/** A booking in a carrier's own ledger. */
export interface LedgerBooking {
  readonly carrier: string;
  readonly operationId: string;
  readonly status: string;
  readonly trackingNumber: string | null;
  readonly cost: { readonly amount: number; readonly currency: string } | null;
}

interface Row {
  readonly orderId: string;
  readonly parcel: Parcel | null;
  readonly status: ShipmentStatus;
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
  readonly costAmount: string | null;
}

const dead = ['cancelled', 'never_booked'];
const unsettled: readonly ShipmentStatus[] = ['quoted', 'withdrawing', 'cancel_pending'];

/**
 * The differences between the shipments and the carriers' own ledgers, one sentence each. Call it when no work is
 * in progress, because an unsettled shipment counts as a problem.
 */
export async function shippingInvariants(
  dataSource: Pick<DataSource, 'query'>,
  ledger: readonly LedgerBooking[],
): Promise<string[]> {
  const rows = (await dataSource.query(
    `SELECT order_id AS "orderId", parcel, status, carrier, tracking_number AS "trackingNumber",
       cost_amount AS "costAmount" FROM shipments`,
  )) as Row[];
  const live = new Map<string, LedgerBooking[]>();
  for (const booking of ledger) {
    if (dead.includes(booking.status)) continue;
    live.set(booking.operationId, [...(live.get(booking.operationId) ?? []), booking]);
  }
  const known = new Set(rows.map(operationIdOf));
  return [
    ...rows.flatMap((row) => wrongWith(row, live.get(operationIdOf(row)) ?? [])),
    ...[...live.keys()]
      .filter((operationId) => !known.has(operationId))
      .map(
        (operationId) => `shipping: ${named(operationId)} is booked, but shipping does not know it`,
      ),
  ];
}

function wrongWith(row: Row, live: readonly LedgerBooking[]): string[] {
  const order = `shipping: ${named(operationIdOf(row))}`;
  const places = live.map(({ carrier, status }) => `${carrier} (${status})`).join(', ');
  if (unsettled.includes(row.status)) return [`${order} is still ${row.status} at ${row.carrier}`];
  if (!isLive(row)) {
    return live.length === 0 ? [] : [`${order} is ${row.status}, but has a parcel at ${places}`];
  }
  const [booking] = live;
  if (!booking || live.length > 1) {
    return [`${order} is ${row.status} and has ${live.length} parcels: ${places || 'none'}`];
  }
  const same =
    booking.carrier === row.carrier &&
    booking.trackingNumber === row.trackingNumber &&
    booking.cost?.amount === Number(row.costAmount);
  return same ? [] : [`${order} knows another booking than ${booking.carrier} has`];
}

const named = (operationId: string): string => `order ${operationId.replace('/book-shipment', '')}`;
