import PostalMime from 'postal-mime';

/** A mail that has arrived. */
export interface ReceivedMail {
  /** Counts up. */
  readonly id: number;
  readonly at: string;
  readonly messageId: string | null;
  /** How often a mail with its Message-ID has arrived; a mailbox shows such copies once. */
  readonly copies: number;
  readonly from: string;
  /** The recipients of the envelope. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The envelope of a mail, as SMTP has it. */
export interface MailEnvelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** The latest mails of all recipients, in memory. */
export class Mailbox {
  private readonly mails = new Map<number, ReceivedMail>();
  private readonly ids = new Map<string, number>();
  private latest = 0;

  constructor(
    private readonly keep: number,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Takes a mail in its raw form; rejects if it cannot be read. */
  async take(raw: Uint8Array, envelope: MailEnvelope): Promise<ReceivedMail> {
    const parsed = await PostalMime.parse(raw);
    const messageId = parsed.messageId ?? null;
    const known = messageId === null ? undefined : this.mails.get(this.ids.get(messageId) ?? 0);
    if (known) return this.put({ ...known, copies: known.copies + 1 });
    this.latest += 1;
    return this.put({
      id: this.latest,
      at: this.now().toISOString(),
      messageId,
      copies: 1,
      ...envelope,
      subject: parsed.subject ?? '',
      text: parsed.text ?? '',
      html: parsed.html ?? '',
      headers: Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value])),
    });
  }

  /** The latest `limit` mails, newest first; those to `to`, if it is given. */
  list(limit: number, to?: string): readonly ReceivedMail[] {
    const wanted = to?.toLowerCase();
    return [...this.mails.values()]
      .filter(
        (mail) => wanted === undefined || mail.to.some((each) => each.toLowerCase() === wanted),
      )
      .slice(-limit)
      .reverse();
  }

  find(id: number): ReceivedMail | undefined {
    return this.mails.get(id);
  }

  clear(): void {
    this.mails.clear();
    this.ids.clear();
  }

  private put(mail: ReceivedMail): ReceivedMail {
    this.mails.set(mail.id, mail);
    if (mail.messageId !== null) this.ids.set(mail.messageId, mail.id);
    const oldest = this.mails.keys().next().value;
    if (this.mails.size > this.keep && oldest !== undefined) this.forget(oldest);
    return mail;
  }

  private forget(id: number): void {
    const messageId = this.mails.get(id)?.messageId;
    this.mails.delete(id);
    if (messageId) this.ids.delete(messageId);
  }
}
