import { createHash, randomUUID } from 'node:crypto';
import { type Booking, type LedgerEntry, type Move, type MovedEntry, pathTo } from './booking.ts';
import type { Ledger } from './ledger.ts';
import { Refusal } from './refusal.ts';
import { type CarrierProfile, type Method, offerOf } from './tariff.ts';
import { trackingNumber } from './tracking-number.ts';

/** A shipper's request to a carrier; `operationId` is the idempotency key. */
export interface BookingRequest {
  readonly operationId: string;
  readonly reference: string;
  readonly method: Method;
  readonly weightGrams: number;
  readonly address: Readonly<Record<string, unknown>> & { readonly country: string };
}

export interface QuoteRequest {
  readonly country: string;
  readonly weightGrams: number;
  readonly method: Method;
}

interface Known {
  readonly hash: string | null;
  readonly booking: Booking;
}

const sorted = (_key: string, value: unknown): unknown =>
  value && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
const hashOf = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body, sorted)).digest('base64url');

/** The books of one carrier: every response is based on ledger lines that are on disk. */
export class Books {
  private readonly known = new Map<string, Known>();
  private serial = 0;

  constructor(
    readonly profile: CarrierProfile,
    private readonly ledger: Ledger,
    private readonly settings: { readonly currency: string; readonly now: () => Date },
  ) {}

  /** The price of a parcel. Throws a `Refusal` if the carrier does not take it. */
  quote(request: QuoteRequest) {
    const offer = offerOf(this.profile, request);
    if (!offer.served) throw new Refusal(422, 'not_served', offer.reason);
    const cost = { amount: offer.amount, currency: this.settings.currency };
    return { carrier: this.profile.name, method: request.method, cost, days: offer.days };
  }

  /** Books once per operation; the same request again gets the same response, or a `Refusal` after a cancel. */
  async book(request: BookingRequest): Promise<Booking> {
    const { operationId } = request;
    const hash = hashOf({ ...request, carrier: this.profile.name });
    const before = this.known.get(operationId);
    if (!before) {
      const offer = this.quote({ ...request, country: request.address.country });
      await this.record(this.bookedEntry(request, hash, offer.cost));
      return this.get(operationId);
    }
    await this.ledger.safe();
    if (before.hash !== null && before.hash !== hash) {
      throw new Refusal(422, 'idempotency_key_reused', `${operationId} came with another body`);
    }
    const now = this.get(operationId);
    if (now.status === 'cancelled' || now.status === 'never_booked') {
      throw new Refusal(409, 'operation_cancelled', `${operationId} was cancelled`);
    }
    return { ...now, status: 'booked', moves: [] };
  }

  /** Cancels once; records an unknown operation, so that it is refused when it arrives later. */
  async cancel(operationId: string): Promise<Booking> {
    const before = this.known.get(operationId)?.booking;
    if (!before || before.status === 'booked') {
      const at = this.settings.now().toISOString();
      await this.record({ kind: 'cancelled', carrier: this.profile.name, operationId, at });
      return this.get(operationId);
    }
    await this.ledger.safe();
    if (before.status === 'cancelled' || before.status === 'never_booked') return before;
    throw new Refusal(409, 'too_late', `${operationId} is ${before.status}`, { booking: before });
  }

  /** The booking of an operation. Throws a `Refusal` if the carrier does not know it. */
  async find(operationId: string): Promise<Booking> {
    await this.ledger.safe();
    const found = this.known.get(operationId);
    if (!found) throw new Refusal(404, 'unknown_operation', `${operationId} is not known`);
    return found.booking;
  }

  /** Moves a parcel to `target`, through every state in between. */
  async move(operationId: string, target: Move): Promise<readonly MovedEntry[]> {
    const booking = await this.find(operationId);
    const path = pathTo(booking.status, target);
    if (!path) {
      const reason = `a parcel that is ${booking.status} cannot become ${target}`;
      throw new Refusal(409, 'no_such_move', reason);
    }
    const start = this.settings.now().getTime();
    const entries = path.map((status, index) =>
      this.movedEntry(operationId, status, start + index),
    );
    await this.record(...entries);
    return entries;
  }

  bookings(): readonly Booking[] {
    return [...this.known.values()].map(({ booking }) => booking);
  }

  knows(operationId: string): boolean {
    return this.known.has(operationId);
  }

  get(operationId: string): Booking {
    const found = this.known.get(operationId);
    if (!found) throw new RangeError(`${this.profile.name} has no ${operationId}`);
    return found.booking;
  }

  /** Applies one line to the books. */
  apply(entry: Exclude<LedgerEntry, { kind: 'told' }>): void {
    const before = this.known.get(entry.operationId);
    if (entry.kind === 'booked') this.serial += 1;
    this.known.set(entry.operationId, fold(before, entry));
  }

  private record(...entries: Exclude<LedgerEntry, { kind: 'told' }>[]): Promise<void> {
    for (const entry of entries) this.apply(entry);
    return this.ledger.append(...entries);
  }

  private bookedEntry(
    request: BookingRequest,
    hash: string,
    cost: { amount: number; currency: string },
  ): Extract<LedgerEntry, { kind: 'booked' }> {
    const { operationId, method, weightGrams } = request;
    return {
      kind: 'booked',
      carrier: this.profile.name,
      operationId,
      hash,
      trackingNumber: trackingNumber(this.profile.prefix, this.serial + 1),
      amount: cost.amount,
      currency: cost.currency,
      method,
      weightGrams,
      country: request.address.country,
      at: this.settings.now().toISOString(),
    };
  }

  private movedEntry(operationId: string, status: Move, at: number): MovedEntry {
    return {
      kind: 'moved',
      carrier: this.profile.name,
      operationId,
      eventId: `msg_${randomUUID()}`,
      status,
      at: new Date(at).toISOString(),
    };
  }
}

function fold(before: Known | undefined, entry: Exclude<LedgerEntry, { kind: 'told' }>): Known {
  const { carrier, operationId, at } = entry;
  if (entry.kind === 'booked') {
    const cost = { amount: entry.amount, currency: entry.currency };
    const { trackingNumber, hash } = entry;
    const status = 'booked' as const;
    return { hash, booking: { carrier, operationId, status, trackingNumber, cost, at, moves: [] } };
  }
  if (entry.kind === 'cancelled') {
    if (before) return { ...before, booking: { ...before.booking, status: 'cancelled' } };
    const nothing = { trackingNumber: null, cost: null, at, moves: [] };
    return { hash: null, booking: { carrier, operationId, status: 'never_booked', ...nothing } };
  }
  if (!before) throw new RangeError(`the ledger moves ${operationId}, which was never booked`);
  const moved = [...before.booking.moves, { status: entry.status, at }];
  return { ...before, booking: { ...before.booking, status: entry.status, moves: moved } };
}
