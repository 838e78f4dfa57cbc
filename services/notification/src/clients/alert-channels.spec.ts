import { expect, it } from '@jest/globals';
import { type Mail, Mailer } from '../domain/mailer.ts';
import { notificationConfig } from '../notification.config.ts';
import { AlertChannels } from './alert-channels.ts';

const mails: Mail[] = [];
class KeptMails extends Mailer {
  isPaused() {
    return false;
  }
  async send(mail: Mail) {
    mails.push(mail);
  }
}
const channelsOf = (env: object) => {
  const log = { error: () => {}, info: () => {} };
  return new AlertChannels(new KeptMails(), notificationConfig.parse(env), log);
};

it('mails alerts to the address that is set, where there is a mail server', async () => {
  const address = { ALERT_EMAIL_TO: 'on-call@example.com' };
  expect(channelsOf({}).configured()).toEqual(['log']);
  expect(channelsOf(address).configured()).toEqual(['log']);
  const channels = channelsOf({ ...address, SMTP_URL: 'smtp://127.0.0.1' });
  expect(channels.configured()).toEqual(['log', 'email']);
  const note = { id: 'a', severity: 'page', subject: 'Too much', lines: ['a < b'] } as const;
  await channels.send('email', note);
  expect(mails).toMatchObject([
    {
      to: 'on-call@example.com',
      subject: 'Too much',
      text: 'a < b',
      html: expect.stringContaining('a &lt; b'),
    },
  ]);
});
