import { z } from 'zod';
import { methods } from './tariff.ts';

/** The states of a parcel after its booking. In the last two it is at the shipper again. */
export const moves = ['picked_up', 'in_transit', 'delivered', 'undeliverable', 'returned'] as const;
export type Move = (typeof moves)[number];

/** `never_booked` is a tombstone: the operation was cancelled before it arrived, and is refused when it arrives. */
export type BookingStatus = 'booked' | 'cancelled' | 'never_booked' | Move;

const operation = { carrier: z.string(), operationId: z.string(), at: z.iso.datetime() };

/** A line of the ledger file; the books are folded from all lines. */
export const ledgerEntry = z.discriminatedUnion('kind', [
  z.object({
    ...operation,
    kind: z.literal('booked'),
    /** Hash of the request body, to detect the same key with another body. */
    hash: z.string(),
    trackingNumber: z.string(),
    amount: z.int(),
    currency: z.string(),
    method: z.enum(methods),
    weightGrams: z.number(),
    country: z.string(),
  }),
  z.object({ ...operation, kind: z.literal('cancelled') }),
  z.object({ ...operation, kind: z.literal('moved'), eventId: z.string(), status: z.enum(moves) }),
  z.object({ kind: z.literal('told'), eventId: z.string() }),
]);
export type LedgerEntry = Readonly<z.output<typeof ledgerEntry>>;

export type MovedEntry = Extract<LedgerEntry, { kind: 'moved' }>;

/** A carrier's record of one operation. */
export interface Booking {
  readonly carrier: string;
  readonly operationId: string;
  readonly status: BookingStatus;
  readonly trackingNumber: string | null;
  readonly cost: { readonly amount: number; readonly currency: string } | null;
  readonly at: string;
  readonly moves: readonly { readonly status: Move; readonly at: string }[];
}

/** True for a parcel that the carrier will pick up or has picked up. */
export const isLive = (booking: Pick<Booking, 'status'>): boolean =>
  booking.status !== 'cancelled' && booking.status !== 'never_booked';

/** The moves that bring a parcel from `status` to `target`, or undefined if there is no such path. */
export function pathTo(status: BookingStatus, target: Move): readonly Move[] | undefined {
  const way: readonly string[] =
    target === 'undeliverable'
      ? ['booked', 'picked_up', 'in_transit', 'undeliverable']
      : ['booked', 'picked_up', 'in_transit', 'delivered', 'returned'];
  const from = way.indexOf(status);
  const to = way.indexOf(target);
  return from < 0 || to <= from ? undefined : (way.slice(from + 1, to + 1) as Move[]);
}
