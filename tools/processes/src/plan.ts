import { join } from 'node:path';
import { wantsStripeDouble } from '@waybill/payment';
import type { Environment } from '@waybill/service';
import type { Command } from './arguments.ts';
import type { Environments } from './environments.ts';
import { type Place, placesOf } from './places.ts';
import { programOf } from './program.ts';
import { type Role, roster } from './roster.ts';
import type { RunFolder } from './run-folder.ts';

/** A process to run. */
export interface Planned {
  readonly instance: string;
  readonly role: Role;
  readonly main: string;
  readonly url: string;
  readonly env: Environment;
}

/** Which processes to run and where; rejects with the name of a process whose port is in use. */
export async function planOf(
  command: Pick<Command, 'replicas' | 'port' | 'freePorts'>,
  environments: Environments,
  folder: RunFolder,
): Promise<readonly Planned[]> {
  const places = await placesOf(command);
  const neighbours = new Neighbours(places, isByTls(environments));
  return places.map((place) => ({
    instance: place.instance,
    role: place.role,
    main: programOf(place.role.name),
    url: neighbours.urlAt(place),
    env:
      place.role.kind === 'sandbox'
        ? sandboxEnvironment(place, neighbours, environments, folder)
        : environment(place, neighbours, environments, folder),
  }));
}

/** The addresses at which processes reach each other. */
class Neighbours {
  constructor(
    private readonly places: readonly Place[],
    private readonly byTls: boolean,
  ) {}

  /** Services use TLS when they have a certificate. */
  urlAt({ role, port }: Place): string {
    const scheme = this.byTls && role.kind === 'service' ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${port}`;
  }

  /** One URL per replica, separated by commas. */
  urlsOf(name: string): string {
    return this.of(name)
      .map((place) => this.urlAt(place))
      .join(',');
  }

  /** The gRPC addresses, one per replica; null when the service has none and is called through the broker. */
  grpcOf(name: string): string | null {
    const ports = this.of(name).flatMap(({ grpcPort }) => grpcPort ?? []);
    const scheme = this.byTls ? 'grpcs' : 'grpc';
    return ports.map((port) => `${scheme}://127.0.0.1:${port}`).join(',') || null;
  }

  smtpUrl(): string {
    return `smtp://127.0.0.1:${this.of('mail')[0]?.smtpPort}`;
  }

  private of(name: string): readonly Place[] {
    return this.places.filter(({ role }) => role.name === name);
  }
}

const isByTls = (environments: Environments): boolean =>
  Boolean(environments.of()['TLS_CERT_FILE']);

/** Sandboxes get no settings of the servers, because they stand for external companies. */
function sandboxEnvironment(
  { role, port, smtpPort }: Place,
  neighbours: Neighbours,
  environments: Environments,
  folder: RunFolder,
): Environment {
  const { PATH, HOME, TMPDIR } = environments.of();
  const speaks = wantsStripeDouble(environments.of()) ? 'stripe' : 'sandbox';
  const books = join(folder.path, 'sandboxes', `${role.name}.ledger`);
  const edge = neighbours.urlsOf('gateway');
  const own: Readonly<Record<string, Environment>> = {
    mail: { MAIL_PORT: String(port), MAIL_SMTP_PORT: String(smtpPort) },
    carriers: {
      CARRIERS_PORT: String(port),
      CARRIERS_DATA_FILE: books,
      CARRIERS_WEBHOOK_URL: `${edge}/api/v1/carriers/{carrier}/webhooks`,
      SUPPLIER_WEBHOOK_URL: `${edge}/api/v1/suppliers/{supplier}/webhooks`,
    },
    'payment-provider': {
      PAYMENT_PROVIDER: speaks,
      PAYMENT_PROVIDER_PORT: String(port),
      PAYMENT_PROVIDER_DATA_FILE: books,
      PAYMENT_WEBHOOK_URL: `${edge}/api/v1/payments/${speaks}/webhooks`,
    },
  };
  return { PATH, HOME, TMPDIR, ...own[role.name] };
}

function environment(
  { role, instance, port, grpcPort }: Place,
  neighbours: Neighbours,
  environments: Environments,
  folder: RunFolder,
): Environment {
  const services = roster.filter(({ kind }) => kind === 'service');
  const inventory = neighbours.grpcOf('inventory');
  const customer = neighbours.grpcOf('customer');
  const shipping = neighbours.grpcOf('shipping');
  const [edge = ''] = neighbours.urlsOf('gateway').split(',');
  return {
    PUBLIC_URL: edge,
    ...environments.of(role.name),
    PORT: String(port),
    WAYBILL_DATA: folder.path,
    WAYBILL_INSTANCE: instance,
    ...(grpcPort === null ? {} : { GRPC_PORT: String(grpcPort) }),
    ...(inventory ? { INVENTORY_GRPC_URL: inventory } : {}),
    CUSTOMER_URL: neighbours.urlsOf('customer'),
    ...(customer ? { CUSTOMER_GRPC_URL: customer } : {}),
    [wantsStripeDouble(environments.of()) ? 'STRIPE_URL' : 'PAYMENT_PROVIDER_URL']:
      neighbours.urlsOf('payment-provider'),
    CARRIERS_URL: neighbours.urlsOf('carriers'),
    SUPPLIER_URL: neighbours.urlsOf('carriers'),
    SMTP_URL: neighbours.smtpUrl(),
    ...(role.kind === 'gateway'
      ? {
          ...Object.fromEntries(
            services.map(({ name }) => [`${name.toUpperCase()}_URL`, neighbours.urlsOf(name)]),
          ),
          ...(shipping ? { SHIPPING_GRPC_URL: shipping } : {}),
          // Browsers and sandboxes would not trust the issuer of its certificate.
          TLS_CERT_FILE: '',
          TLS_KEY_FILE: '',
        }
      : {}),
  };
}
