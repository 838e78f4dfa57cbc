import { createHmac } from 'node:crypto';
import type { Personal } from './domain/account.events.ts';

/** Turns the personal values of one customer into what is stored and published, and back. */
export interface PersonalFields {
  protect(value: unknown): Personal;
  /** Null once the value is erased. */
  reveal(stored: Personal): unknown;
}

/** The only place that reads and writes personal values in plain. */
export abstract class PersonalData {
  abstract of(customerId: string): Promise<PersonalFields>;
  /** A hash by which an e-mail address is found: the same for two spellings of one address, and useless without the key. */
  abstract hashOf(email: string): string;
}

/** Personal values as they are. */
export class PlainPersonalData extends PersonalData {
  of(): Promise<PersonalFields> {
    return Promise.resolve({ protect: JSON.stringify, reveal: JSON.parse });
  }

  hashOf(email: string): string {
    return createHmac('sha256', 'waybill').update(email.toLowerCase()).digest('base64url');
  }
}
