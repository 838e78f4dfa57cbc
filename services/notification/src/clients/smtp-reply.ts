/** The mail server will never take this mail; no other attempt helps. Its message has no personal data. */
export class MailRefused extends Error {
  readonly code = 'mail_refused';
  readonly retriable = false;
  constructor(why: string) {
    super(why);
    this.name = 'MailRefused';
  }
}

/** The mail was not sent, or it is unknown whether it was; another attempt may help. Its message has no personal data. */
export class MailNotSent extends Error {
  readonly code = 'mail_not_sent';
  constructor(why: string) {
    super(why);
    this.name = 'MailNotSent';
  }
}

interface SmtpError {
  readonly code?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
}

/**
 * What an error of `nodemailer` means. The text of a mail server often repeats the address of the recipient, so only its code is kept. A
 * permanent refusal of the recipient or of the mail itself is one; a refused sender or password is a fault of the settings.
 */
export function replyOf(error: unknown): MailRefused | MailNotSent {
  const { code, command, responseCode } = (error ?? {}) as SmtpError;
  const status = typeof responseCode === 'number' ? responseCode : null;
  const doing = typeof command === 'string' ? command : 'CONN';
  if (status === null) return new MailNotSent(`the mail server does not answer (${String(code)})`);
  const says = `the mail server answers ${status} to ${doing}`;
  const isAboutMail = doing === 'RCPT TO' || doing === 'DATA';
  return status >= 500 && isAboutMail ? new MailRefused(says) : new MailNotSent(says);
}
