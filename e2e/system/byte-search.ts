import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Client } from 'pg';

/** Where a text was found. */
export type Found = readonly [place: string, text: string];

/** The tables of all databases with a row that contains one of the texts, in whatever column, also as bytes. */
export async function foundInTables(
  databases: Readonly<Record<string, string>>,
  texts: readonly string[],
): Promise<Found[]> {
  const found: Found[] = [];
  for (const [service, connectionString] of Object.entries(databases)) {
    const client = new Client({ connectionString });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables
          where schemaname not in ('pg_catalog', 'information_schema')`,
      );
      for (const { name } of rows) {
        const hits = await client.query<{ text: string }>(
          `select text from unnest($1::text[]) text where exists (select from ${name} t
            where strpos(t::text, text) > 0 or strpos(t::text, encode(convert_to(text, 'UTF8'), 'hex')) > 0)`,
          [texts],
        );
        found.push(...hits.rows.map(({ text }): Found => [`${service}: ${name}`, text]));
      }
    } finally {
      await client.end();
    }
  }
  return found;
}

/** The files below a folder that contain one of the texts. The ledgers of the sandboxes are those of outside parties. */
export function foundInFiles(folder: string, texts: readonly string[]): Found[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.endsWith('.ledger'),
  );
  return files.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return foundIn(relative(folder, path), bytesOf(path), texts);
  });
}

/** The texts that bytes contain. */
export const foundIn = (place: string, bytes: Buffer | string, texts: readonly string[]): Found[] =>
  texts.filter((text) => bytes.includes(text)).map((text): Found => [place, text]);

/** A file of a running system may be removed at any time. */
function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
