import { z } from 'zod';

/** The faults of the mail server; all off by default. */
export const mailFaults = z.strictObject({
  /** Cuts every connection. */
  down: z.boolean().default(false),
  /** Milliseconds before each mail is answered. */
  latencyMs: z.int().min(0).max(60_000).default(0),
  /** Share of mails that are refused with `errorStatus`. */
  errorShare: z.number().min(0).max(1).default(0),
  errorStatus: z.union([z.int().min(421).max(459), z.int().min(550).max(559)]).default(451),
  /** Share of mails that arrive although their answer is lost. */
  lostAnswerShare: z.number().min(0).max(1).default(0),
});
export type MailFaults = z.output<typeof mailFaults>;

export const noFaults: MailFaults = mailFaults.parse({});
