import { expect } from '@jest/globals';
import type { ReceivedMail } from '@waybill/mail';
import type { Client, OrderView } from './client.ts';
import { eventually } from './eventually.ts';
import type { SystemUnderTest } from './system-under-test.ts';

const credentials = { email: 'digests@faults.example', password: 'correct horse' };
const atOnce = 10;

/** Orders of a new customer who wants their e-mails in digests. */
export class DigestedOrders {
  private constructor(
    private readonly system: SystemUnderTest,
    private readonly customer: Client,
    private readonly size: number,
  ) {}

  /** `size` is the `DIGEST_SIZE` of the system. */
  static async of(system: SystemUnderTest, size: number): Promise<DigestedOrders> {
    const anybody = system.anonymous();
    await anybody.post('/api/v1/customers', { ...credentials, name: 'Digests', locale: 'en' });
    const { body } = await anybody.post<{ accessToken: string }>('/api/v1/auth/token', credentials);
    const customer = anybody.with(body.accessToken);
    const json = { digest: 'hourly' };
    await customer.send('PUT', '/api/v1/customers/me/preferences', { json });
    return new DigestedOrders(system, customer, size);
  }

  /** Resolves when all are settled. */
  async place(count: number): Promise<readonly OrderView[]> {
    const placed: OrderView[] = [];
    let left = count;
    const shop = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        placed.push(await this.customer.buy());
      }
    };
    await Promise.all(Array.from({ length: atOnce }, shop));
    return placed;
  }

  /** The digests that have arrived. */
  async digests(): Promise<readonly ReceivedMail[]> {
    const mails = await this.system.sandboxes.mails(credentials.email);
    return mails.filter(({ subject }) => subject.endsWith('messages about your orders'));
  }

  /** Each notification that was sent has arrived in one mail, and fewer wait than a digest holds. */
  async expectEachOnce(placed: readonly OrderView[]): Promise<void> {
    const confirmed = placed.filter(({ status }) => status === 'confirmed');
    const sent = await eventually('all full digests are sent', async () => {
      const ids = await this.sentIds();
      const told = confirmed.filter(({ id }) => ids.has(id));
      return told.length > confirmed.length - this.size && told;
    });
    const mails = await this.system.sandboxes.mails(credentials.email);
    const inMails = sent.map(
      ({ number }) => mails.filter(({ text }) => text.includes(number)).length,
    );
    expect(inMails).toEqual(sent.map(() => 1));
  }

  private async sentIds(): Promise<ReadonlySet<string | null>> {
    const query = { status: 'sent' as const };
    const all = await this.customer.all('/api/v1/notifications', { query });
    const confirmations = all.filter(({ template }) => template === 'order-confirmed');
    return new Set(confirmations.map(({ orderId }) => orderId));
  }
}
