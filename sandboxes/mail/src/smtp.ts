import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';
import type { MailFaults } from './faults.ts';
import type { Mailbox } from './mailbox.ts';

export interface SmtpParts {
  readonly mailbox: Mailbox;
  readonly faults: () => MailFaults;
  readonly random?: () => number;
}

/** The largest mail, in bytes. */
const largestMail = 1024 * 1024;
const bouncing = /@fail\.com$/i;

/** The answer of an SMTP server that refuses something. */
class SmtpRefusal extends Error {
  constructor(
    readonly responseCode: number,
    text: string,
  ) {
    super(text);
  }
}

/** An SMTP server that puts what it accepts into the mailbox. Mails to `@fail.com` bounce. */
export function smtpServer(parts: SmtpParts): SMTPServer {
  const { mailbox, faults, random = Math.random } = parts;
  const strikes = (share: number): boolean => share > 0 && random() < share;
  const receive = async (stream: SMTPServerDataStream, session: SMTPServerSession) => {
    const raw = await buffer(stream);
    const { latencyMs, errorShare, errorStatus, lostAnswerShare } = faults();
    if (latencyMs > 0) await sleep(latencyMs, undefined, { ref: false });
    if (stream.sizeExceeded) throw new SmtpRefusal(552, 'the mail is too large');
    if (strikes(errorShare)) throw new SmtpRefusal(errorStatus, 'a fault of the mail server');
    await mailbox.take(raw, envelopeOf(session));
    if (strikes(lostAnswerShare)) cut(server, session);
  };
  const options: SMTPServerOptions = {
    banner: 'Waybill mail sandbox',
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    size: largestMail,
    maxClients: 100,
    socketTimeout: 60_000,
    closeTimeout: 1_000,
    onConnect: (session, done) => {
      if (!faults().down) return done();
      cut(server, session);
      done(new SmtpRefusal(421, 'the mail server is down'));
    },
    onMailFrom: (_address, session, done) => {
      if (faults().down) cut(server, session);
      done();
    },
    onRcptTo: ({ address }, _session, done) =>
      done(bouncing.test(address) ? new SmtpRefusal(550, 'there is no such mailbox') : undefined),
    onData: (stream, session, done) => void receive(stream, session).then(() => done(), done),
  };
  const server = new SMTPServer(options);
  // Of connections that their clients or the faults have cut.
  server.on('error', () => undefined);
  return server;
}

const envelopeOf = ({ envelope }: SMTPServerSession) => ({
  from: envelope.mailFrom ? envelope.mailFrom.address : '',
  to: envelope.rcptTo.map(({ address }) => address),
});

function cut(server: SMTPServer, { id }: SMTPServerSession): void {
  for (const connection of server.connections) if (connection.id === id) connection.close();
}
