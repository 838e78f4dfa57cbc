import type { Schemas } from '@waybill/client';
import type { Client } from './client.ts';

/** What a customer needs to send goods back: the carrier who delivers them, and the operator who receives them. */
export interface Returning {
  /** The share of orders after which a customer sends an earlier one back. */
  readonly share: number;
  readonly deliver: (orderId: string) => Promise<void>;
  readonly operator: Client;
}

/** How often a customer asks for a return of an order that is not delivered yet. */
const tries = 60;
const pause = 50;
/** A shop hands no parcel of such an order over to its carrier. */
const keptBack: ReadonlySet<string> = new Set(['pending', 'rejected', 'cancelling', 'cancelled']);

/** Every second order may be sent back; the others may be cancelled, because a carrier who has a parcel refuses that. */
export const isReturnable = (orderId: string): boolean =>
  Number.parseInt(orderId.slice(-1), 16) % 2 === 0;

/** Returns an order as a whole, and repeats what is not answered while `isPatient`. True if its goods were received. */
export async function sendBack(
  customer: Client,
  { deliver, operator }: Returning,
  order: { readonly id: string; readonly lines: readonly object[] },
  isPatient: () => boolean,
): Promise<boolean> {
  for (let left = tries; left > 0 && isPatient(); left -= 1) {
    const now = await customer.order(order.id).catch(() => undefined);
    if (now?.status === 'rejected' || now?.status === 'cancelled') return false;
    if (!now || keptBack.has(now.status)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      continue;
    }
    // Undelivered as long as a sandbox is down; refused when it is delivered already.
    await deliver(order.id).catch(() => undefined);
    const body = { lines: order.lines, reason: 'too small' };
    const asked = customer.post<Schemas['Return']>(`/api/v1/orders/${order.id}/returns`, body);
    const answer = await asked.catch(() => undefined);
    if (answer?.status === 202) return receive(operator, answer.body.id, isPatient);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return false;
}

async function receive(operator: Client, id: string, isPatient: () => boolean): Promise<boolean> {
  while (isPatient()) {
    const asked = operator.post(`/api/v1/returns/${id}/receive`, {});
    const answer = await asked.catch(() => undefined);
    // 409: it was received, and the response was lost.
    if (answer?.status === 202 || answer?.status === 409) return true;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return false;
}

/** Orders whose goods were received and that are not returned and refunded. */
export async function lostReturns(client: Client, returned: readonly string[]): Promise<string[]> {
  const lost: string[] = [];
  for (const id of new Set(returned)) {
    const { status, payment } = await client.order(id);
    if (status !== 'returned' || payment.status !== 'refunded')
      lost.push(`${id} is ${status} and its payment ${payment.status}`);
  }
  return lost;
}
