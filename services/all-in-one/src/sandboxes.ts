import { fileURLToPath } from 'node:url';
import { inProcessCarriers } from '@waybill/carriers';
import { type InProcessProvider, inProcessProvider } from '@waybill/payment-provider';
import { FunctionCarrier } from '@waybill/shipping';
import { ChildService } from './child-service.ts';
import type { DataFolder } from './data-folder.ts';

/** One sandbox with its URL and its process. */
export interface Sandbox {
  readonly url: string;
  readonly pid: number | undefined;
}

/** The outside world of the system: a payment provider, carriers with a supplier beside them, each a process with its own books, and a mail server. */
export interface Sandboxes {
  /** The settings with which the services reach them. */
  readonly env: Readonly<Record<string, string>>;
  readonly paymentProvider: Sandbox | null;
  readonly carriers: Sandbox | null;
  readonly mail: Sandbox | null;
  /** Set if the services call them as functions. */
  readonly inProcess: {
    readonly provider: InProcessProvider;
    readonly carriers: readonly FunctionCarrier[];
  } | null;
  /** Resolves when books in this process are broken. A child process with broken books ends, and is restarted. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

const providerFile = (data: DataFolder): string =>
  data.file('sandboxes', 'payment-provider.ledger');
const carriersFile = (data: DataFolder): string => data.file('sandboxes', 'carriers.ledger');

/** The same books without processes and HTTP, for benchmarks in which the network is not under test. */
export async function openSandboxes(data: DataFolder): Promise<Sandboxes> {
  const [provider, carriers] = await Promise.all([
    inProcessProvider({ dataFile: providerFile(data) }),
    inProcessCarriers({ dataFile: carriersFile(data) }),
  ]);
  return {
    env: {},
    paymentProvider: null,
    carriers: null,
    // E-mails are recorded and not sent.
    mail: null,
    inProcess: { provider, carriers: carriers.carriers.map((each) => new FunctionCarrier(each)) },
    failed: Promise.race([provider.failed, carriers.failed]),
    stop: async () => {
      await Promise.all([provider.close(), carriers.close()]);
    },
  };
}

const programOf = (name: string): string =>
  fileURLToPath(new URL(`../../../dist/${name}.js`, import.meta.url));

/** Whose API the payment provider speaks; `real`: none is started, because another one is used. */
export type ProviderChoice = 'sandbox' | 'stripe' | 'real';

/** Starts them as child processes, which are restarted when they die and end with this process. */
export async function startSandboxes(
  data: DataFolder,
  choice: ProviderChoice,
  webhookBase: string,
  log: (line: string) => void,
): Promise<Sandboxes> {
  const [provider, carriers, mail] = await Promise.all([
    choice === 'real' ? null : startProvider(data, choice, webhookBase, log),
    ChildService.start({
      name: 'carriers',
      main: programOf('carriers'),
      portVariable: 'CARRIERS_PORT',
      env: {
        CARRIERS_DATA_FILE: carriersFile(data),
        CARRIERS_WEBHOOK_URL: `${webhookBase}/api/v1/carriers/{carrier}/webhooks`,
        SUPPLIER_WEBHOOK_URL: `${webhookBase}/api/v1/suppliers/{supplier}/webhooks`,
      },
      log,
    }),
    ChildService.start({
      name: 'mail server',
      main: programOf('mail'),
      portVariable: 'MAIL_PORT',
      env: { MAIL_SMTP_PORT: '0' },
      log,
    }),
  ]);
  return {
    env: {
      ...(provider && { [urlVariables[choice]]: provider.url }),
      CARRIERS_URL: carriers.url,
      SUPPLIER_URL: carriers.url,
      SMTP_URL: `smtp://127.0.0.1:${mail.settings['MAIL_SMTP_PORT']}`,
    },
    paymentProvider: provider,
    carriers,
    mail,
    inProcess: null,
    failed: new Promise(() => {}),
    stop: async () => {
      await Promise.all([provider?.stop(), carriers.stop(), mail.stop()]);
    },
  };
}

const urlVariables = { sandbox: 'PAYMENT_PROVIDER_URL', stripe: 'STRIPE_URL', real: '' };

const startProvider = (
  data: DataFolder,
  choice: ProviderChoice,
  webhookBase: string,
  log: (line: string) => void,
): Promise<ChildService> =>
  ChildService.start({
    name: 'payment provider',
    main: programOf('payment-provider'),
    portVariable: 'PAYMENT_PROVIDER_PORT',
    env: {
      PAYMENT_PROVIDER: choice,
      PAYMENT_PROVIDER_DATA_FILE: providerFile(data),
      PAYMENT_WEBHOOK_URL: `${webhookBase}/api/v1/payments/${choice}/webhooks`,
    },
    log,
  });
