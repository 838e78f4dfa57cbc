import { Problem } from '@waybill/http';

/** Which page of a part is wanted. */
export interface PartQuery {
  /** Whose data they are. */
  readonly subject: string;
  /** The ids of what the part is about, where it is not found by the subject; at most `mostIds`. */
  readonly about?: readonly string[];
  /** `next` of the page before. */
  readonly after?: string;
}

/** The most ids in a query, and the most items in a page. */
export const mostIds = 50;

/** A page of a part; `next` is null after the last one. */
export interface PartPage {
  readonly items: readonly object[];
  readonly next: string | null;
}

/** The parts of the personal data that one service has of a subject, wherever it runs. */
export interface PersonalDataAccess {
  /** Rejects with 404 for a part that the service does not have. */
  read(part: string, query: PartQuery): Promise<PartPage>;
}

/** The parts that a service has, in its own process; each adds itself. */
export class PersonalParts implements PersonalDataAccess {
  private readonly all = new Map<string, (query: PartQuery) => Promise<PartPage>>();

  /** `read` may trust that what the query is about belongs to its subject: only services and the gateway send it. */
  add(part: string, read: (query: PartQuery) => Promise<PartPage>): void {
    this.all.set(part, read);
  }

  async read(part: string, query: PartQuery): Promise<PartPage> {
    const read = this.all.get(part);
    if (!read) throw new Problem(404, 'not_found', `there is no part ${part}`);
    return read(query);
  }
}

/** A part that fits into one page. */
export const onePage = (items: readonly object[]): PartPage => ({ items, next: null });
