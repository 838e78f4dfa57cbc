import { fileURLToPath } from 'node:url';
import { ChildService } from './child-service.ts';
import type { DataFolder } from './data-folder.ts';

/** One of them, where it listens and as which process. */
export interface Sandbox {
  readonly url: string;
  readonly pid: number | undefined;
}

/** The outside world of the system: a payment provider and carriers, each a process with books of its own. */
export interface Sandboxes {
  /** The settings by which the services reach them. */
  readonly env: Readonly<Record<string, string>>;
  readonly paymentProvider: Sandbox;
  readonly carriers: Sandbox;
  stop(): Promise<void>;
}

const mainOf = (name: string): string =>
  fileURLToPath(new URL('./main.js', import.meta.resolve(`@waybill/${name}`)));

/** Starts both as child processes, which are started again when they die and end with this process. */
export async function startSandboxes(
  data: DataFolder,
  webhookBase: string,
  log: (line: string) => void,
): Promise<Sandboxes> {
  const [provider, carriers] = await Promise.all([
    ChildService.start({
      name: 'payment provider',
      main: mainOf('payment-provider'),
      portVariable: 'PAYMENT_PROVIDER_PORT',
      env: {
        PAYMENT_PROVIDER_DATA_FILE: data.file('sandboxes', 'payment-provider.ledger'),
        PAYMENT_WEBHOOK_URL: `${webhookBase}/api/v1/payments/sandbox/webhooks`,
      },
      log,
    }),
    ChildService.start({
      name: 'carriers',
      main: mainOf('carriers'),
      portVariable: 'CARRIERS_PORT',
      env: {
        CARRIERS_DATA_FILE: data.file('sandboxes', 'carriers.ledger'),
        CARRIERS_WEBHOOK_URL: `${webhookBase}/api/v1/carriers/{carrier}/webhooks`,
      },
      log,
    }),
  ]);
  return {
    env: { PAYMENT_PROVIDER_URL: provider.url, CARRIERS_URL: carriers.url },
    paymentProvider: provider,
    carriers,
    stop: async () => {
      await Promise.all([provider.stop(), carriers.stop()]);
    },
  };
}
