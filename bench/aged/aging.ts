import { Client } from 'pg';
import { AgedDatabase } from './aged-database.ts';

export type Databases = Readonly<Record<string, string>>;

/** Copies of a sample in one transaction. */
const atOnce = 400;
/** Connections that fill in parallel: one per core of the smallest machine. */
const workers = 2;
const user = 'bench_recent';

/** Ages a system: copies real finished orders until there are as many as requested. */
export class Aging {
  private constructor(
    private readonly databases: ReadonlyMap<string, AgedDatabase>,
    private readonly admin: string,
  ) {}

  static async of(databases: Databases): Promise<Aging> {
    const all = new Map<string, AgedDatabase>();
    const now = Date.now();
    for (const [name, url] of Object.entries(databases))
      all.set(name, await AgedDatabase.of(url, now));
    return new Aging(all, Object.values(databases)[0] ?? '');
  }

  /** A transaction id that separates earlier rows from later ones. */
  async mark(): Promise<string> {
    const [row] = await this.run<{ id: string }>('select pg_current_xact_id()::text id');
    return row?.id ?? '0';
  }

  /** Takes the `inSample` orders since the mark as the sample, and copies them until there are `orders`. */
  async fill(
    since: string,
    inSample: number,
    orders: number,
    say: (line: string) => void,
  ): Promise<void> {
    // The first write of a page after a checkpoint logs the whole page, which would be most of the work here.
    await this.set('full_page_writes', 'off');
    try {
      const copies = Math.ceil(orders / inSample);
      const all = [];
      for (const database of this.databases.values()) {
        await database.takeSample(since);
        all.push(...(await database.portions(copies, atOnce)));
      }
      await inParallel(all, say);
      say('vacuum and analyze');
      for (const database of this.databases.values()) await database.analyze();
      await this.run('checkpoint');
    } finally {
      await this.set('full_page_writes', 'on');
    }
  }

  /** The same databases as they are now, through a user who sees no copies. */
  async withoutCopies<D extends Databases>(): Promise<D> {
    await this.run(
      `create role ${user} login superuser password '${new URL(this.admin).password}'`,
    );
    await this.run(`alter role ${user} set search_path = recent, public`);
    const urls: Record<string, string> = {};
    for (const [name, database] of this.databases) urls[name] = await database.hideCopies(user);
    return urls as D;
  }

  /** The size of all databases in gigabytes. */
  async gigabytes(): Promise<number> {
    const [row] = await this.run<{ n: number }>(
      'select sum(pg_database_size(oid))::float8 n from pg_database',
    );
    return (row?.n ?? 0) / 1e9;
  }

  private async set(name: string, value: string): Promise<void> {
    await this.run(`alter system set ${name} = ${value}`);
    await this.run('select pg_reload_conf()');
  }

  private async run<R extends object>(sql: string): Promise<R[]> {
    const client = new Client({ connectionString: this.admin });
    await client.connect();
    try {
      return (await client.query<R>(sql)).rows;
    } finally {
      await client.end();
    }
  }
}

async function inParallel(
  all: readonly { readonly rows: number; run(): Promise<void> }[],
  say: (line: string) => void,
): Promise<void> {
  const total = all.reduce((sum, { rows }) => sum + rows, 0);
  const left = [...all];
  let [done, told] = [0, 0];
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next; next = left.pop()) {
      await next.run();
      done += next.rows;
      if (done / total < told + 0.1) continue;
      told = done / total;
      say(`${Math.round(told * 100)} % of ${total.toLocaleString('en-US')} rows`);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
}
