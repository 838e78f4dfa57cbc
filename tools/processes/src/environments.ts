import type { Environment } from '@waybill/service';

/** What gives the environment of a service, or of an administrator, for servers that it runs. */
export interface ServersHere {
  /** Where their data are. */
  readonly folder: string;
  environment(service?: string): Readonly<Record<string, string>>;
}

/** For systems whose servers are all given. */
export const noServersHere: ServersHere = { folder: '.', environment: () => ({}) };

/** The settings of one server: whoever gives one of the first gives the server itself. */
const families: readonly { readonly told: readonly string[]; readonly prefix: string }[] = [
  { told: ['DATABASE_URL'], prefix: 'DATABASE_' },
  { told: ['KAFKA_BROKERS'], prefix: 'KAFKA_' },
  { told: ['RABBITMQ_URL'], prefix: 'RABBITMQ_' },
  { told: ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID'], prefix: 'AWS_' },
  { told: ['REDIS_URL'], prefix: 'REDIS_' },
];

/** The variable with the password that a service has on every server. */
export const passwordVariable = (service: string): string => `${service.toUpperCase()}_PASSWORD`;

/** No setting of a process that does not concern the servers: each has its own. */
const ofOne = ['PORT', 'HOST', 'WAYBILL_INSTANCE', 'WAYBILL_DATA'];

/** The environments of processes: what is given, and for servers that are not given those of the stack. */
export class Environments {
  constructor(
    private readonly given: Environment,
    private readonly servers: ServersHere,
    private readonly brokers: string,
  ) {}

  /** Of a service, with its own database; without a name of whoever prepares all. */
  of(service?: string): Environment {
    const env: Record<string, string | undefined> = { ...this.given, BROKERS: this.brokers };
    for (const name of ofOne) delete env[name];
    const here = this.servers.environment(service);
    const missing = families.filter(({ told }) => !told.some((name) => this.given[name]));
    for (const [name, value] of Object.entries(here)) {
      if (missing.some(({ prefix }) => name.startsWith(prefix))) env[name] = value;
    }
    if (service && this.given['DATABASE_URL']) env['DATABASE_URL'] = this.databaseOf(service);
    // The disk that fills is that of the database.
    else if (here['DATABASE_URL'])
      env['DISK_FOLDER'] = this.given['DISK_FOLDER'] || this.servers.folder;
    return env;
  }

  /**
   * `ORDER_DATABASE_URL`, else the database `waybill_order` of the server that `DATABASE_URL` names, as the user of the
   * service where `ORDER_PASSWORD` is given.
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
