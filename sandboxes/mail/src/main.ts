import process from 'node:process';
import { runProcess } from '@waybill/resilience/process';
import { mailConfig } from './mail.config.ts';
import { startMailServer } from './start.ts';

void runProcess('mail server', async () => {
  const server = await startMailServer(mailConfig());
  process.stdout.write(`mail server at ${server.smtpUrl}, its page at ${server.url}\n`);
  return { ...server, settings: { MAIL_SMTP_PORT: new URL(server.smtpUrl).port } };
});
