import { type Mail, Mailer } from '../domain/mailer.ts';

/** A mailbox by Message-ID, as a mail reader shows it. */
export class Mailbox extends Mailer {
  readonly mails = new Map<string, Mail>();
  /** Called before a mail is taken. */
  before: (mail: Mail) => void = () => undefined;
  /** Called once it is taken. */
  after: () => void = () => undefined;

  async send(mail: Mail): Promise<void> {
    this.before(mail);
    this.mails.set(mail.id, mail);
    this.after();
  }

  isPaused(): boolean {
    return false;
  }
}
