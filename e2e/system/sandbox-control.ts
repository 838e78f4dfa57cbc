import type { ReceivedMail } from '@waybill/mail';
import { type Ledgers, readLedgers, sandboxKeys } from '../invariants/ledgers.ts';
import type { Whereabouts } from './data-folder.ts';

/** Controls the sandboxes: sets their faults, moves parcels, reads their ledgers. */
export class SandboxControl {
  constructor(private readonly where: () => Whereabouts) {}

  /** Replaces the faults of the payment provider; everything else works normally. */
  async providerFaults(faults: object): Promise<void> {
    const { url } = this.where().sandboxes.paymentProvider;
    await call('PUT', `${url}/faults`, sandboxKeys.paymentProvider, faults);
  }

  /** The bank of the customer disputes the payment of an order. */
  async openDispute(orderId: string): Promise<void> {
    const { url } = this.where().sandboxes.paymentProvider;
    const authorization = `${orderId}/authorize-payment`;
    await call('POST', `${url}/disputes`, sandboxKeys.paymentProvider, { authorization });
  }

  /** Replaces the faults of every carrier; everything else works normally. */
  async carrierFaults(faults: object): Promise<void> {
    const { url } = this.where().sandboxes.carriers;
    const { carriers } = (await call('GET', `${url}/`, sandboxKeys.carriers)) as {
      carriers: string[];
    };
    await Promise.all(
      carriers.map((name) => call('PUT', `${url}/faults/${name}`, sandboxKeys.carriers, faults)),
    );
  }

  /** The carrier moves the parcel of an order to `status` and sends its webhook. */
  async moveParcel(orderId: string, status: string): Promise<void> {
    const { url } = this.where().sandboxes.carriers;
    const { carriers } = await this.ledgers();
    const found = carriers.find(
      (each) => each.operationId.startsWith(orderId) && each.status !== 'cancelled',
    );
    if (!found) throw new Error(`no carrier has a parcel of ${orderId}`);
    const { carrier, operationId } = found;
    await call('POST', `${url}/moves`, sandboxKeys.carriers, { carrier, operationId, status });
  }

  /** Replaces the faults of the mail server; everything else works normally. */
  async mailFaults(faults: object): Promise<void> {
    await call('PUT', `${this.where().sandboxes.mail.url}/faults`, '', faults);
  }

  /** What has arrived for a recipient, newest first. */
  async mails(to: string): Promise<readonly ReceivedMail[]> {
    const url = `${this.where().sandboxes.mail.url}/messages?to=${encodeURIComponent(to)}`;
    return ((await call('GET', url, '')) as { items: ReceivedMail[] }).items;
  }

  ledgers(): Promise<Ledgers> {
    return readLedgers(this.where().sandboxes);
  }
}

async function call(method: string, url: string, key: string, json?: object): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(json ? { 'content-type': 'application/json' } : {}),
    },
    ...(json ? { body: JSON.stringify(json) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
