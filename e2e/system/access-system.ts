import { customerStorage } from '@waybill/customer';
import { freePort } from '@waybill/embedded-postgres';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { Replica } from './replica.ts';

const count = 2;

/** Two gateways and two processes of customer, without the other services: what access needs. */
export class AccessSystem {
  private constructor(
    readonly database: TestDatabase,
    private readonly customers: readonly Replica[],
    private readonly gateways: readonly Replica[],
  ) {}

  /** Resolves when both gateways sign users in. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<AccessSystem> {
    const database = await testDatabase(customerStorage);
    const ports = await Promise.all(Array.from({ length: 3 * count }, () => freePort(0)));
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    const CUSTOMER_URL = urls.slice(0, count).join(',');
    const replica = (program: string, at: number, env: Readonly<Record<string, string>>) =>
      new Replica(
        program,
        { ...env, ...settings, CUSTOMER_URL, PORT: String(ports[at]) },
        urls[at] ?? '',
      );
    const customer = (_: unknown, n: number) =>
      replica('customer', n, {
        DATABASE_URL: database.url,
        BROKERS: 'embedded',
        GRPC_PORT: String(ports[2 * count + n]),
        WAYBILL_INSTANCE: `customer-${n}`,
      });
    const gateway = (_: unknown, n: number) => replica('gateway', count + n, {});
    const system = new AccessSystem(
      database,
      Array.from({ length: count }, customer),
      Array.from({ length: count }, gateway),
    );
    for (const each of [...system.customers, ...system.gateways]) each.start();
    await system.ready();
    return system;
  }

  /** The URLs of the gateways. */
  get doors(): readonly string[] {
    return this.gateways.map(({ url }) => url);
  }

  /** `kill -9` of a process of customer. */
  async kill(replica: number): Promise<void> {
    await this.customers[replica]?.end('SIGKILL');
  }

  /** Starts a process of customer again; resolves when it is ready. */
  async restart(replica: number): Promise<void> {
    const customer = this.customers[replica];
    customer?.start();
    await customer?.answers('/health/ready');
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.gateways, ...this.customers].map((each) => each.end('SIGKILL')));
    await this.database.close();
  }

  private async ready(): Promise<void> {
    await Promise.all(this.customers.map((each) => each.answers('/health/ready')));
    await Promise.all(this.gateways.map((each) => each.answers('/.well-known/jwks.json')));
  }
}
