import { randomUUID } from 'node:crypto';
import type { Ledgers } from '../ledgers.ts';
import { each, type Wrong, wrongsOf } from './wrong.ts';

const set = (columns: string): string => `update shipments set ${columns} where status = 'booked'`;

type Booking = Ledgers['carriers'][number];
/** Changes each booking in the carriers' ledgers. */
const told = (says: string, change: (booking: Booking) => readonly Booking[]): Wrong => ({
  teller: 'shipping',
  says,
  change: (ledgers) => ({ ...ledgers, carriers: ledgers.carriers.flatMap(change) }),
});

export const shippingWrongs: readonly Wrong[] = [
  ...wrongsOf(
    'shipping',
    'shipments',
    ...each(['quoted', 'withdrawing', 'cancel_pending'], (status) => [
      `is still ${status}`,
      set(`status = '${status}'`),
    ]),
    ...each(['rejected', 'cancelled'], (status) => [
      `is ${status}, but has a parcel`,
      set(`status = '${status}'`),
    ]),
    ['knows another booking', set(`tracking_number = 'X1'`)],
    ['knows another booking', set(`cost_amount = cost_amount + 1`)],
    ['knows another booking', set(`carrier = 'nobody'`)],
    ['shipping does not know it', `delete from shipments where status = 'booked'`],
    ['orders on their way and live parcels differ', set(`status = 'cancelled'`)],
  ),
  told('has 0 parcels', () => []),
  told('has 2 parcels', (booking) => [booking, { ...booking, carrier: 'another' }]),
  told('shipping does not know it', (booking) => [
    booking,
    { ...booking, operationId: `${randomUUID()}/book-shipment`, status: 'booked' },
  ]),
];
