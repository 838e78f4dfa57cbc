import { createHmac } from 'node:crypto';
import type { Encrypted } from '@waybill/contracts';

/** The only place that reads and writes personal data in plain. */
export abstract class PersonalData {
  /** A function that encrypts values of a customer. */
  abstract encryptFor(customerId: string): Promise<<T>(value: T) => Encrypted<T>>;
  /** Undefined once the customer is erased. */
  abstract decrypt<T>(value: Encrypted<T>): Promise<T | undefined>;
  /** A hash by which an e-mail address is found: the same for two spellings of one address, and useless without the key. */
  abstract hashOf(email: string): string;
}

/** Personal data as they are. */
export class PlainPersonalData extends PersonalData {
  encryptFor(): Promise<<T>(value: T) => Encrypted<T>> {
    return Promise.resolve((value) => value);
  }

  decrypt<T>(value: Encrypted<T>): Promise<T | undefined> {
    return Promise.resolve(value as T);
  }

  hashOf(email: string): string {
    return createHmac('sha256', 'waybill').update(email.toLowerCase()).digest('base64url');
  }
}
