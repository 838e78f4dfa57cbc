import type { BookAnswer, CancelAnswer } from '../domain/carrier-answer.ts';
import type { Rate } from '../domain/rate-table.ts';
import type { BookingRequest } from '../domain/shipment.ts';
import { type Carrier, CarrierSilent, type Parcel } from './carrier.ts';
import { bookingAnswer, cancelAnswer, quoteAnswer } from './carrier-wire.ts';

type Answer =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly code: string;
      readonly detail: string;
      readonly more: object;
    };

/** The functions of a carrier that runs in this process. */
export interface CarrierFunctions {
  readonly name: string;
  quote(parcel: Parcel): Promise<Answer>;
  book(request: Omit<BookingRequest, 'orderId'> & { readonly reference: string }): Promise<Answer>;
  cancel(operationId: string): Promise<Answer>;
}

/** A carrier in this process, for benchmarks that must not measure HTTP. */
export class FunctionCarrier implements Carrier {
  readonly name: string;

  constructor(private readonly functions: CarrierFunctions) {
    this.name = functions.name;
  }

  isAvailable(): boolean {
    return true;
  }

  async quote(parcel: Parcel): Promise<Rate | null> {
    const answer = await this.functions.quote(parcel);
    if (answer.ok) return quoteAnswer.parse(answer.value);
    if (answer.code === 'not_served') return null;
    throw new CarrierSilent(this.name, `a quote: ${answer.code}`);
  }

  async book({ orderId, ...request }: BookingRequest): Promise<BookAnswer> {
    const parcel = { ...request, reference: orderId };
    const answer = await this.functions.book(parcel);
    if (answer.ok) return { outcome: 'booked', ...bookingAnswer.parse(answer.value) };
    return answer.code === 'not_served' || answer.code === 'operation_cancelled'
      ? { outcome: 'refused', detail: `${this.name}: ${answer.detail}` }
      : { outcome: 'unknown', detail: `${this.name}: ${answer.code}` };
  }

  async cancel(operationId: string): Promise<CancelAnswer> {
    const answer = await this.functions.cancel(operationId);
    if (answer.ok) {
      cancelAnswer.parse(answer.value);
      return { outcome: 'cancelled' };
    }
    if (answer.code !== 'too_late') {
      throw new CarrierSilent(this.name, `a cancellation: ${answer.code}`);
    }
    const { booking } = answer.more as { booking?: unknown };
    return { outcome: 'too_late', booking: bookingAnswer.parse(booking) };
  }

  async close(): Promise<void> {}
}
