import { hash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder for `BLOBS`, and the bodies of messages that travel by it. */
export class StoredBodies {
  private constructor(readonly folder: string) {}

  static async make(): Promise<StoredBodies> {
    return new StoredBodies(await mkdtemp(join(tmpdir(), 'waybill-bodies-')));
  }

  /** Stores the body of a message of this type, as of so many days ago. */
  async put(type: string, daysAgo: number): Promise<void> {
    const body = JSON.stringify({ type });
    const reference = hash('sha256', body, 'hex');
    const path = join(this.#claims, reference.slice(0, 2), reference.slice(2));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, body);
    const then = new Date(Date.now() - daysAgo * 86_400_000);
    await utimes(path, then, then);
  }

  /** The types of the stored messages, each once. */
  async types(): Promise<readonly string[]> {
    const found = await readdir(this.#claims, { recursive: true, withFileTypes: true });
    const bodies = found
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8'));
    const types = (await Promise.all(bodies)).map(
      (body) => (JSON.parse(body) as { type: string }).type,
    );
    return [...new Set(types)].sort();
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  get #claims(): string {
    return join(this.folder, 'claims');
  }
}
