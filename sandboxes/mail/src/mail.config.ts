import process from 'node:process';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

/** The settings of the mail server's process. */
export const mailSettings = z.object({
  /** Of the page and its JSON. */
  MAIL_PORT: port.default(8093),
  MAIL_SMTP_PORT: port.default(8025),
  MAIL_HOST: z.string().min(1).default('127.0.0.1'),
  /** How many mails are kept; the oldest make room. */
  MAIL_KEEP: z.coerce.number().int().min(1).max(100_000).default(1_000),
});

/** Reads the settings of the mail server's process from its environment. The error names every invalid setting. */
export function mailConfig(env: NodeJS.ProcessEnv = process.env) {
  const found = mailSettings.parse(env);
  return {
    port: found.MAIL_PORT,
    smtpPort: found.MAIL_SMTP_PORT,
    host: found.MAIL_HOST,
    keep: found.MAIL_KEEP,
  };
}
