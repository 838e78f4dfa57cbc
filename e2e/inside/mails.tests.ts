import { afterEach, expect, it } from '@jest/globals';
import { newCustomer } from '../portable/new-customer.ts';
import type { Target } from '../portable/target.ts';
import { eventually } from '../system/eventually.ts';
import type { SystemUnderTest } from '../system/system-under-test.ts';

/** What arrives at the mail server. */
export function mailTests(system: () => SystemUnderTest, target: () => Target): void {
  afterEach(() => system().sandboxes.mailFaults({}));

  const arrived = (to: string, subject: string) =>
    eventually(`${subject} arrives`, async () => {
      const mails = await system().sandboxes.mails(to);
      const found = mails.filter((mail) => mail.subject.includes(subject));
      return found.length > 0 && found;
    });

  it('about an order arrive once, as text and HTML', async () => {
    const { email, client } = await newCustomer(target(), {});
    const { number } = await client.buy();
    await arrived(email, 'Welcome to Waybill');
    const [mail, ...others] = await arrived(email, number);
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      to: [email],
      subject: `Your order ${number} is confirmed`,
      text: expect.stringMatching(/^Hello New Customer,/),
      html: expect.stringContaining('<p>Hello New Customer,</p>'),
    });
    const { status } = await client.get('/api/v1/notifications?status=sent');
    expect(status).toBe(200);
  });

  it('wait while the mail server is down, and orders do not', async () => {
    const { email, client } = await newCustomer(target(), {});
    await arrived(email, 'Welcome');
    await system().sandboxes.mailFaults({ down: true });
    const { number, status } = await client.buy();
    expect(status).toBe('confirmed');
    await eventually('it is queued', async () => {
      const query = { status: 'queued' as const };
      return (await client.all('/api/v1/notifications', { query })).length > 0;
    });
    expect(await system().sandboxes.mails(email)).toHaveLength(1);
    await system().sandboxes.mailFaults({});
    await arrived(email, number);
  });
}
