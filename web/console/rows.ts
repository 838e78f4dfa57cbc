import { signal } from '@preact/signals';
import type { Outcome } from './call.ts';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  /** Services that did not answer. */
  readonly missing?: readonly string[];
}

/** A list of the API as a page shows it: the first rows, and more of them when they are wanted. */
export class Rows<T> {
  /** Null until the first page has come. */
  readonly items = signal<readonly T[] | null>(null);
  readonly next = signal<string | null>(null);
  readonly trouble = signal<string | null>(null);
  readonly missing = signal<readonly string[]>([]);
  private pages = 1;

  /** `read` reads the page of a cursor, the first one without. */
  constructor(private readonly read: (cursor: string | undefined) => Promise<Outcome<Page<T>>>) {}

  /** Reads the first page again. Rows that were added by `more` would jump, so they stay as they are. */
  async refresh(): Promise<void> {
    if (this.pages === 1) await this.begin();
  }

  /** Begins again with the first page. */
  async begin(): Promise<void> {
    this.pages = 1;
    const page = await this.load(undefined);
    if (page) this.items.value = page.items;
  }

  async more(): Promise<void> {
    const page = await this.load(this.next.value ?? undefined);
    if (!page) return;
    this.pages += 1;
    this.items.value = [...(this.items.value ?? []), ...page.items];
  }

  private async load(cursor: string | undefined): Promise<Page<T> | undefined> {
    const { data, trouble } = await this.read(cursor);
    this.trouble.value = trouble;
    if (!data) return undefined;
    this.next.value = data.nextCursor;
    this.missing.value = data.missing ?? [];
    return data;
  }
}
