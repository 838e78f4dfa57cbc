import type { Email } from './email.ts';

/** An e-mail with its recipient. */
export interface Mail extends Email {
  /** The same for every attempt; becomes the Message-ID. */
  readonly id: string;
  readonly to: string;
}

/** Sends e-mails. */
export abstract class Mailer {
  /** Rejects with `retriable: false` if the mail server refuses the mail for good; otherwise another attempt may help. */
  abstract send(mail: Mail): Promise<void>;
  /** While the mail server is not called, because it has failed several times. */
  abstract isPaused(): boolean;
}
