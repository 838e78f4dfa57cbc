import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type MailServer, startMailServer } from '@waybill/mail';
import { Resilience } from '@waybill/resilience';
import { notificationConfig } from '../notification.config.ts';
import { SmtpClient } from './smtp.client.ts';

let server: MailServer;
let client: SmtpClient;

beforeAll(async () => {
  server = await startMailServer({ port: 0, smtpPort: 0, keep: 10 });
});
afterAll(() => server?.close());
beforeEach(async () => {
  await faults({});
  await fetch(`${server.url}/messages`, { method: 'DELETE' });
  client?.onApplicationShutdown();
  const settings = { SMTP_URL: server.smtpUrl, MAIL_FROM: 'Shop <orders@shop.example>' };
  client = new SmtpClient(notificationConfig.parse(settings), new Resilience());
});
afterAll(() => client?.onApplicationShutdown());

const mail = {
  id: 'W-1.order-confirmed',
  to: 'ada@example.com',
  subject: 'Hello',
  text: 'text',
  html: '<p>html</p>',
};
const faults = (body: object) =>
  fetch(`${server.url}/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const arrived = async (): Promise<object[]> => {
  const answer = await fetch(`${server.url}/messages`);
  return ((await answer.json()) as { items: object[] }).items;
};

it('sends a mail with text and HTML from the sender of the settings, under a Message-ID of its domain', async () => {
  await client.send(mail);
  expect(await arrived()).toMatchObject([
    {
      from: 'orders@shop.example',
      to: ['ada@example.com'],
      messageId: '<W-1.order-confirmed@shop.example>',
      text: expect.stringContaining('text'),
      html: expect.stringContaining('<p>html</p>'),
    },
  ]);
});

it.each([
  'nobody@fail.com',
  'ada@example.com, eve@example.com',
  'Ada <ada@example.com>',
  'ada@example.com\r\nBcc: eve@example.com',
])('refuses the address %j for good, and names it nowhere', async (to) => {
  const refused = await client.send({ ...mail, to }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'mail_refused', retriable: false });
  expect((refused as Error).message).not.toMatch(/fail\.com|example/);
  expect(await arrived()).toEqual([]);
  expect(client.isPaused()).toBe(false);
});

it('is paused after three failures in a row', async () => {
  await faults({ errorShare: 1, errorStatus: 451 });
  for (let n = 0; n < 3; n += 1) {
    expect(client.isPaused()).toBe(false);
    await expect(client.send(mail)).rejects.toMatchObject({ code: 'mail_not_sent' });
  }
  expect(client.isPaused()).toBe(true);
  await expect(client.send(mail)).rejects.toMatchObject({ countsAsAttempt: false });
});

it('sends a mail whose answer was lost again, and it arrives as a copy', async () => {
  await faults({ lostAnswerShare: 1 });
  await expect(client.send(mail)).rejects.toMatchObject({ code: 'mail_not_sent' });
  await faults({});
  await client.send(mail);
  expect(await arrived()).toMatchObject([{ copies: 2 }]);
});
