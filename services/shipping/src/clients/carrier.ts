import type { OnApplicationShutdown } from '@nestjs/common';
import type { ShippingMethod } from '@waybill/contracts';
import type { BookAnswer, CancelAnswer } from '../domain/carrier-answer.ts';
import type { Rate } from '../domain/rate-table.ts';
import type { BookingRequest } from '../domain/shipment.ts';

/** A parcel as price lists describe it. */
export interface Parcel {
  readonly country: string;
  readonly weightGrams: number;
  readonly method: ShippingMethod;
}

/**
 * A carrier. A rejection of `quote` or `cancel` means that the outcome is unknown; `book` rejects only if the call was
 * never made, because a booking with an unknown outcome is a result of its own.
 */
export interface Carrier {
  readonly name: string;
  /** False while calls are pointless, including while a single probe checks whether it is back. */
  isAvailable(): boolean;
  /** Null if it does not carry such parcels. */
  quote(parcel: Parcel): Promise<Rate | null>;
  /** Repeated for the same operation it returns the same booking. */
  book(request: BookingRequest): Promise<BookAnswer>;
  /** Also for an unknown operation: then it refuses a booking that arrives later. */
  cancel(operationId: string): Promise<CancelAnswer>;
  close(): Promise<void>;
}

/** The carriers of the shop, by name. */
export class Carriers implements OnApplicationShutdown {
  private readonly byName: ReadonlyMap<string, Carrier>;

  constructor(readonly all: readonly Carrier[]) {
    this.byName = new Map(all.map((carrier) => [carrier.name, carrier]));
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  get(name: string): Carrier {
    const found = this.byName.get(name);
    if (!found) throw new UnknownCarrier(name);
    return found;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.all.map((carrier) => carrier.close()));
  }
}

/** A shipment names a carrier that is no longer configured; it waits until the carrier is configured again. */
export class UnknownCarrier extends Error {
  readonly code = 'unknown_carrier';
  constructor(name: string) {
    super(`there is no carrier ${name} in the configuration`);
    this.name = 'UnknownCarrier';
  }
}

/** A carrier gave no definite result. */
export class CarrierSilent extends Error {
  readonly code = 'carrier_silent';
  constructor(carrier: string, what: string, options?: ErrorOptions) {
    super(`${carrier} gave no definite answer to ${what}`, options);
    this.name = 'CarrierSilent';
  }
}
