import { createHash } from 'node:crypto';
import { AppendLog } from '@waybill/append-log';
import {
  authorizationAnswer,
  type Charge,
  Charges,
  declineOf,
  isAuthorized,
  type Movement,
  neverHappened,
  type OrderSums,
  sumsByOrder,
  voidAnswer,
} from './charges.ts';
import {
  type Answer,
  type AuthorizationStatus,
  type CaptureStatus,
  type LedgerRecord,
  ledgerRecord,
  type RefundStatus,
  Refused,
  type VoidStatus,
} from './operation.ts';
import type { AuthorizeRequest, MoveRequest } from './requests.ts';
import { declineReason, refusesCapture } from './tokens.ts';

/** Receives each record once it is on disk. */
export type RecordListener = (record: LedgerRecord) => void;

/** Throws for a line that is not a record. */
function recordOf(line: unknown): LedgerRecord {
  const { data, error } = ledgerRecord.safeParse(line);
  if (data) return data;
  throw new TypeError(`is not a record of a ledger (${error.issues[0]?.message})`);
}

/**
 * The provider's own books. Every response is on disk before it is sent. Each operation id is carried out once: a
 * repeated request with the same body gets the same response, one with another body is refused. (After a void
 * the authorization returns `voided`.)
 */
export class PaymentProvider {
  private readonly charges = new Charges();
  /** The pending write of the newest record of an operation: a request that reads the record in memory awaits this write. */
  private readonly writing = new Map<string, Promise<void>>();
  private readonly listeners = new Set<RecordListener>();

  private constructor(
    private readonly log: AppendLog<LedgerRecord>,
    private readonly now: () => Date,
  ) {}

  static async open(options: { dataFile: string; now?: () => Date }): Promise<PaymentProvider> {
    const log = await AppendLog.open<LedgerRecord>(options.dataFile);
    const provider = new PaymentProvider(log, options.now ?? (() => new Date()));
    await log.replay((line) => provider.charges.apply(recordOf(line)));
    return provider;
  }

  /** Resolves when the books cannot be written any more: this process must end. */
  get failed(): Promise<Error> {
    return this.log.failed;
  }

  /** `first` is true for the request that created the charge. */
  async authorize(
    id: string,
    request: AuthorizeRequest,
  ): Promise<{ answer: Answer<AuthorizationStatus>; first: boolean }> {
    const known = this.charges.charge(id);
    if (known) {
      assertSame(id, request, known);
      await this.writing.get(id);
      return { answer: authorizationAnswer(known), first: false };
    }
    if (this.charges.wasVoidedBefore(id)) {
      await this.writing.get(id);
      return { answer: neverHappened(id), first: false };
    }
    await this.write(id, {
      kind: 'authorize',
      at: this.now().toISOString(),
      operationId: id,
      chargeId: `ch_${hash(id)}`,
      declined: declineReason(request.token),
      ...request,
    });
    const made = this.charges.charge(id);
    if (!made) throw new Error(`authorization ${id} was written and is not there`);
    return { answer: authorizationAnswer(made), first: true };
  }

  /** Releases an authorization. An unknown one is refused when it arrives later. */
  async void(authorization: string): Promise<Answer<VoidStatus>> {
    const charge = this.charges.charge(authorization);
    const done = charge
      ? declineOf(charge) !== null || charge.voided || charge.captured > 0
      : this.charges.wasVoidedBefore(authorization);
    if (done) await this.writing.get(authorization);
    else
      await this.write(authorization, {
        kind: 'void',
        at: this.now().toISOString(),
        authorization,
      });
    return charge ? voidAnswer(charge) : neverHappened(authorization);
  }

  /** The customer confirms a payment or refuses to: the first decision counts, and none after a void. */
  async decide(chargeId: string, approved: boolean): Promise<Charge> {
    const charge = this.charges.challenged(chargeId);
    if (!charge) throw new Refused(404, 'unknown_charge', `there is no charge ${chargeId}`);
    const { operationId: authorization } = charge;
    if (charge.approved !== 'open' || charge.voided) await this.writing.get(authorization);
    else {
      const at = this.now().toISOString();
      await this.write(authorization, { kind: 'challenge', at, authorization, approved });
    }
    return charge;
  }

  async capture(id: string, request: MoveRequest): Promise<Answer<CaptureStatus>> {
    const movement = await this.move('capture', id, request);
    return this.moved(movement, movement.refused === null ? 'captured' : 'refused');
  }

  async refund(id: string, request: MoveRequest): Promise<Answer<RefundStatus>> {
    const movement = await this.move('refund', id, request);
    return this.moved(movement, movement.refused === null ? 'refunded' : 'refused');
  }

  /** The outcome of an operation; throws a `Refused` with status 404 if it is unknown. */
  async find(id: string): Promise<Answer> {
    await this.writing.get(id);
    const charge = this.charges.charge(id);
    if (charge) return authorizationAnswer(charge);
    const movement = this.charges.movement(id);
    if (movement) {
      const happened = movement.kind === 'capture' ? 'captured' : 'refunded';
      return this.moved(movement, movement.refused === null ? happened : 'refused');
    }
    if (this.charges.wasVoidedBefore(id)) return neverHappened(id);
    throw new Refused(404, 'unknown_operation', `there is no operation ${id}`);
  }

  /** The sums per order. */
  ledger(): OrderSums[] {
    return sumsByOrder(this.charges.all());
  }

  /** Calls `listener` for every record from now on. */
  onRecord(listener: RecordListener): void {
    this.listeners.add(listener);
  }

  /** The charge of that id, if its customer had to confirm it. */
  challenged(chargeId: string): Charge | undefined {
    return this.charges.challenged(chargeId);
  }

  charge(authorization: string) {
    return this.charges.charge(authorization);
  }

  close(): Promise<void> {
    return this.log.close();
  }

  private async move(kind: Movement['kind'], id: string, request: MoveRequest): Promise<Movement> {
    const known = this.charges.movement(id);
    if (known) {
      assertSame(id, { ...request, kind }, known);
      await this.writing.get(id);
      return known;
    }
    const refused = this.refusal(kind, request);
    const at = this.now().toISOString();
    const movement: Movement = { kind, at, operationId: id, ...request, refused };
    await this.write(id, movement);
    return movement;
  }

  private refusal(kind: Movement['kind'], request: MoveRequest): string | null {
    const charge = this.charges.charge(request.authorization);
    if (!charge || !isAuthorized(charge)) return 'not_authorized';
    if (charge.currency !== request.currency) return 'other_currency';
    if (kind === 'refund') {
      return charge.refunded + request.amount > charge.captured ? 'more_than_captured' : null;
    }
    if (charge.voided) return 'voided';
    if (charge.captured > 0) return 'already_captured';
    if (request.amount > charge.amount) return 'more_than_authorized';
    return refusesCapture(charge.token) ? 'capture_declined' : null;
  }

  private moved<S extends string>(movement: Movement, status: S): Answer<S> {
    return {
      operationId: movement.operationId,
      status,
      amount: movement.refused === null ? movement.amount : 0,
      currency: movement.currency,
      chargeId: this.charges.charge(movement.authorization)?.chargeId ?? null,
      reason: movement.refused,
    };
  }

  private async write(id: string, record: LedgerRecord): Promise<void> {
    // Applied before it is written, so that a concurrent request for the same operation finds it.
    this.charges.apply(record);
    const written = this.log.append(record);
    this.writing.set(id, written);
    await written;
    if (this.writing.get(id) === written) this.writing.delete(id);
    for (const listener of this.listeners) listener(record);
  }
}

function assertSame(id: string, request: object, known: object): void {
  const stored = known as Record<string, unknown>;
  if (Object.entries(request).every(([field, value]) => stored[field] === value)) return;
  throw new Refused(422, 'idempotency_key_reused', `operation ${id} was asked with another body`);
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);
