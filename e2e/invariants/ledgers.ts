import type { LedgerOrder } from '@waybill/inventory';
import type { LedgerBooking } from '@waybill/shipping';

/** The sums of one order in the payment provider's ledger. */
export interface ProviderSums {
  readonly orderId: string;
  readonly authorized: number;
  readonly captured: number;
  readonly voided: number;
  readonly refunded: number;
  /** Authorizations that were granted; more than one is a double charge. */
  readonly charges: number;
}

/** The ledgers of the external companies. */
export interface Ledgers {
  readonly provider: readonly ProviderSums[];
  readonly carriers: readonly LedgerBooking[];
  readonly supplier: readonly LedgerOrder[];
}

export interface SandboxUrls {
  readonly paymentProvider: { readonly url: string };
  readonly carriers: { readonly url: string };
}

/** The keys to the sandboxes' ledgers in a development system. */
export const sandboxKeys = {
  paymentProvider: 'payment-development-key',
  carriers: 'carriers-development-key',
};

/** Reads the ledgers of the provider, and of the carriers and the supplier beside them, over HTTP. */
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
    supplier: (carriers as { orders: LedgerOrder[] }).orders,
  };
}
