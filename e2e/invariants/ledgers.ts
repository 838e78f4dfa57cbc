import type { LedgerBooking } from '@waybill/shipping';

/** Sums of one order in the books of the payment provider. */
export interface ProviderSums {
  readonly orderId: string;
  readonly authorized: number;
  readonly captured: number;
  readonly voided: number;
  readonly refunded: number;
  /** Authorizations that were granted; more than one is a double charge. */
  readonly charges: number;
}

/** What the outside world has in its own books. */
export interface Ledgers {
  readonly provider: readonly ProviderSums[];
  readonly carriers: readonly LedgerBooking[];
}

export interface SandboxUrls {
  readonly paymentProvider: { readonly url: string };
  readonly carriers: { readonly url: string };
}

/** The keys with which the sandboxes of a development system open their books. */
export const sandboxKeys = {
  paymentProvider: 'payment-development-key',
  carriers: 'carriers-development-key',
};

/** Reads the books of the provider and of the carriers over HTTP. */
export async function readLedgers(sandboxes: SandboxUrls, keys = sandboxKeys): Promise<Ledgers> {
  const read = async (url: string, key: string): Promise<unknown> => {
    const answer = await fetch(`${url}/ledger`, { headers: { authorization: `Bearer ${key}` } });
    if (!answer.ok) throw new Error(`${url}/ledger answered ${answer.status}`);
    return answer.json();
  };
  const [provider, carriers] = await Promise.all([
    read(sandboxes.paymentProvider.url, keys.paymentProvider),
    read(sandboxes.carriers.url, keys.carriers),
  ]);
  return {
    provider: (provider as { orders: ProviderSums[] }).orders,
    carriers: (carriers as { bookings: LedgerBooking[] }).bookings,
  };
}
