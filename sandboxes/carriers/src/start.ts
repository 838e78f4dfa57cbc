import type { AddressInfo } from 'node:net';
import { OpenAnswers } from '@waybill/resilience/http-server';
import type { WebhookTarget } from '@waybill/webhooks';
import type { Booking } from './booking.ts';
import { Sandbox, type SandboxOptions } from './sandbox.ts';
import { carriersServer } from './server.ts';

export interface CarriersOptions extends Omit<SandboxOptions, 'dataFile'> {
  /** The append-only ledger; read again at start. */
  readonly dataFile: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly host?: string;
  readonly apiKey: string;
}

/** The running carriers. */
export interface Carriers {
  readonly url: string;
  readonly names: readonly string[];
  /** Where webhooks go from now on; what waited goes too. */
  sendWebhooksTo(target: WebhookTarget): void;
  ledger(): readonly Booking[];
  /** Resolves when the ledger is broken: this process must end, and be started again. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

/** What an answer may take once they stop; a caller who gets none asks again. */
const longestAnswer = 2_000;

/** Starts the carriers behind HTTP. What they have answered survives a crash. */
export async function startCarriers(options: CarriersOptions): Promise<Carriers> {
  const sandbox = await Sandbox.open(options);
  const app = carriersServer(sandbox, options.apiKey);
  const answers = new OpenAnswers(app.server);
  try {
    await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
  } catch (error) {
    await sandbox.close();
    throw error;
  }
  const { address, port } = app.server.address() as AddressInfo;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    names: sandbox.names,
    sendWebhooksTo: (target) => sandbox.sendWebhooksTo(target),
    ledger: () => sandbox.ledger(),
    failed: sandbox.failed,
    close: async () => {
      await answers.close({ within: longestAnswer });
      await app.close();
      await sandbox.close();
    },
  };
}
