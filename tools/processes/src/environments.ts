import type { Environment } from '@waybill/service';

/** Provides the environment of a service, or of an administrator, for the servers of this machine. */
export interface ServersHere {
  /** Where the servers' data are. */
  readonly folder: string;
  environment(service?: string): Readonly<Record<string, string>>;
}

/** For systems whose servers are all given by the environment. */
export const noServersHere: ServersHere = { folder: '.', environment: () => ({}) };

/** The settings of each server: when one of `told` is given, the server is external and gets no settings of the stack. */
const families: readonly { readonly told: readonly string[]; readonly prefix: string }[] = [
  { told: ['DATABASE_URL'], prefix: 'DATABASE_' },
  { told: ['KAFKA_BROKERS'], prefix: 'KAFKA_' },
  { told: ['RABBITMQ_URL'], prefix: 'RABBITMQ_' },
  { told: ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID'], prefix: 'AWS_' },
  { told: ['REDIS_URL'], prefix: 'REDIS_' },
];

/** The variable with a service's password, which is the same on every server. */
export const passwordVariable = (service: string): string => `${service.toUpperCase()}_PASSWORD`;

/** Settings of a single process, which are not passed on: each process has its own. */
const ofOne = ['PORT', 'HOST', 'WAYBILL_INSTANCE', 'WAYBILL_DATA'];

/** The environments of processes: the given one, plus the stack's settings for servers that are not given. */
export class Environments {
  constructor(
    private readonly given: Environment,
    private readonly servers: ServersHere,
    private readonly brokers: string,
  ) {}

  /** The environment of a service with its own database; without a name, that of the administrator who prepares the servers. */
  of(service?: string): Environment {
    const env: Record<string, string | undefined> = { ...this.given, BROKERS: this.brokers };
    for (const name of ofOne) delete env[name];
    const here = this.servers.environment(service);
    const missing = families.filter(({ told }) => !told.some((name) => this.given[name]));
    for (const [name, value] of Object.entries(here)) {
      if (missing.some(({ prefix }) => name.startsWith(prefix))) env[name] = value;
    }
    if (service && this.given['DATABASE_URL']) env['DATABASE_URL'] = this.databaseOf(service);
    // The disk to watch is that of the local database.
    else if (here['DATABASE_URL'])
      env['DISK_FOLDER'] = this.given['DISK_FOLDER'] || this.servers.folder;
    return env;
  }

  /**
   * `ORDER_DATABASE_URL`, else the database `waybill_order` on the server of `DATABASE_URL`, as the user of the
   * service when `ORDER_PASSWORD` is given.
   */
  private databaseOf(service: string): string | undefined {
    const own = this.given[`${service.toUpperCase()}_DATABASE_URL`];
    if (own) return own;
    const url = this.given['DATABASE_URL'] ?? '';
    if (!URL.canParse(url)) return url;
    const database = new URL(url);
    database.pathname = `/waybill_${service}`;
    const password = this.given[passwordVariable(service)];
    if (password) {
      database.username = service;
      database.password = encodeURIComponent(password);
    }
    return database.href;
  }
}
