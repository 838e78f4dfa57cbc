import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTransport } from 'nodemailer';
import type { ReceivedMail } from './mailbox.ts';
import { type MailServer, startMailServer } from './start.ts';

let server: MailServer;
let transport: ReturnType<typeof createTransport>;

beforeAll(async () => {
  server = await startMailServer({ port: 0, smtpPort: 0, keep: 3 });
  transport = createTransport(server.smtpUrl);
});
afterAll(() => server?.close());
beforeEach(async () => {
  await put({});
  await fetch(`${server.url}/messages`, { method: 'DELETE' });
});

const mail = {
  from: 'Waybill <orders@waybill.example>',
  to: 'ada@example.com',
  subject: 'Grüße <b>&</b>',
  text: 'Hello <Ada>',
  html: '<p>Hello <b>Ada</b></p><script>alert(1)</script>',
};
const put = (faults: object) =>
  fetch(`${server.url}/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });
async function arrived(query = ''): Promise<ReceivedMail[]> {
  const answer = await fetch(`${server.url}/messages${query}`);
  return ((await answer.json()) as { items: ReceivedMail[] }).items;
}

describe('a mail', () => {
  it('is shown with its parts, as JSON and on the page', async () => {
    await transport.sendMail({ ...mail, messageId: '<1@waybill.example>' });
    const [found] = await arrived();
    expect(found).toMatchObject({
      messageId: '<1@waybill.example>',
      to: ['ada@example.com'],
      from: 'orders@waybill.example',
      subject: mail.subject,
      text: expect.stringContaining('Hello <Ada>'),
      html: expect.stringContaining('<b>Ada</b>'),
      copies: 1,
    });
    const answer = await fetch(`${server.url}/`);
    const page = await answer.text();
    expect(page).toContain('Grüße &lt;b&gt;&amp;&lt;/b&gt;');
    expect(page).toContain('<iframe sandbox title="The HTML part" srcdoc="&lt;p&gt;');
    expect(page).not.toContain('<script>');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('that arrives again is shown once, with the number of its copies', async () => {
    for (let n = 0; n < 2; n += 1)
      await transport.sendMail({ ...mail, messageId: '<2@waybill.example>' });
    expect(await arrived()).toMatchObject([{ copies: 2 }]);
  });

  it('to fail.com bounces', async () => {
    const sent = transport.sendMail({ ...mail, to: 'nobody@fail.com' });
    await expect(sent).rejects.toMatchObject({ responseCode: 550 });
    expect(await arrived()).toEqual([]);
  });

  it('makes the oldest one forgotten when there are too many', async () => {
    for (const to of ['a', 'b', 'c', 'd'])
      await transport.sendMail({ ...mail, to: `${to}@example.com` });
    expect((await arrived()).map(({ to }) => to[0])).toEqual(
      ['d', 'c', 'b'].map((each) => `${each}@example.com`),
    );
    expect(await arrived('?to=B@example.com')).toHaveLength(1);
  });
});

describe('faults', () => {
  it('cut connections, refuse mails, and lose answers of mails that have arrived', async () => {
    await put({ down: true });
    await expect(transport.sendMail(mail)).rejects.toThrow();
    await put({ errorShare: 1, errorStatus: 451 });
    await expect(transport.sendMail(mail)).rejects.toMatchObject({ responseCode: 451 });
    expect(await arrived()).toEqual([]);
    await put({ lostAnswerShare: 1 });
    await expect(transport.sendMail(mail)).rejects.toThrow();
    expect(await arrived()).toHaveLength(1);
  });
});

it.each([
  ['GET', '/messages?limit=0', 400],
  ['GET', '/messages?x=1', 400],
  ['GET', '/messages/99', 404],
  ['GET', '/messages/x', 400],
  ['GET', '/?id=-1', 400],
  ['PUT', '/faults', 400],
])('refuses %s %s with %i', async (method, path, status) => {
  const body =
    method === 'PUT' ? { body: '{"down":1}', headers: { 'content-type': 'application/json' } } : {};
  expect((await fetch(`${server.url}${path}`, { method, ...body })).status).toBe(status);
});
