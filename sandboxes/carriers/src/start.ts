import type { AddressInfo } from 'node:net';
import { OpenAnswers } from '@waybill/resilience/http-server';
import type { WebhookTarget } from '@waybill/webhooks';
import type { Booking } from './booking.ts';
import { Sandbox, type SandboxOptions } from './sandbox.ts';
import { carriersServer } from './server.ts';
import type { SupplyOrder } from './supplier.ts';

export interface CarriersOptions extends Omit<SandboxOptions, 'dataFile'> {
  /** The append-only ledger; read at startup. */
  readonly dataFile: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  readonly apiKey: string;
}

/** The running carriers. */
export interface Carriers {
  readonly url: string;
  readonly names: readonly string[];
  /** Sets the receiver of webhooks, also for those that wait. */
  sendWebhooksTo(target: WebhookTarget): void;
  ledger(): readonly Booking[];
  /** The orders at the supplier. */
  orders(): readonly SupplyOrder[];
  /** Sets the receiver of the supplier's webhooks, also for those that wait. */
  sendDeliveriesTo(target: WebhookTarget): void;
  /** Resolves when the ledger is broken: this process must end, and be restarted. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

/** Milliseconds that a response may take during shutdown; a caller without a response retries. */
const longestAnswer = 2_000;

/** Starts the carriers with their HTTP API. Everything they have answered survives a crash. */
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
    orders: () => sandbox.supplier.orders(),
    sendDeliveriesTo: (target) => sandbox.supplier.sendWebhooksTo(target),
    failed: sandbox.failed,
    close: async () => {
      await answers.close({ within: longestAnswer });
      await app.close();
      await sandbox.close();
    },
  };
}
