import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Mailbox } from './mailbox.ts';
import { MailPages } from './server.ts';
import { smtpServer } from './smtp.ts';

export interface MailServerOptions {
  /** Of the page; 0 takes any free port. */
  readonly port: number;
  /** 0 takes any free port. */
  readonly smtpPort: number;
  readonly host?: string;
  /** How many mails are kept. */
  readonly keep: number;
}

/** The running mail server. */
export interface MailServer {
  /** Of the page. */
  readonly url: string;
  readonly smtpUrl: string;
  close(): Promise<void>;
}

/** Starts an SMTP server, and a page that shows what it has received. It keeps the mails in memory. */
export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const { host = '127.0.0.1', keep } = options;
  const mailbox = new Mailbox(keep);
  const { app, ...pages } = pagesOf(mailbox);
  const smtp = smtpServer({ mailbox, faults: pages.faults });
  const listener = smtp.listen(options.smtpPort, host);
  await once(listener, 'listening');
  const close = async (): Promise<void> => {
    await Promise.all([app.close(), new Promise<void>((resolve) => smtp.close(resolve))]);
  };
  try {
    await app.listen({ port: options.port, host });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: urlOf('http', app.server.address() as AddressInfo),
    smtpUrl: urlOf('smtp', listener.address() as AddressInfo),
    close,
  };
}

function pagesOf(mailbox: Mailbox) {
  const pages = new MailPages(mailbox);
  return { app: pages.app, faults: () => pages.faults };
}

const urlOf = (scheme: string, { address, port }: AddressInfo): string =>
  `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`;
