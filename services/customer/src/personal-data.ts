import type { Encrypted } from '@waybill/contracts';

/** The only place that reads and writes personal data in plain. */
export abstract class PersonalData {
  /** A function that encrypts values of a customer. Rejects with `AccountRefused` once the customer is erased. */
  abstract encryptFor(customerId: string): Promise<<T>(value: T) => Encrypted<T>>;
  /** Undefined once the customer is erased. */
  abstract decrypt<T>(value: Encrypted<T>): Promise<T | undefined>;
  /** Deletes the key of a customer for good: nothing that is encrypted with it can be read any more, wherever it is. */
  abstract erase(customerId: string): Promise<void>;
  /** A new version of the key, for new values; what is encrypted already stays readable. */
  abstract rotate(customerId: string): Promise<void>;
  /** A hash by which an e-mail address is found: the same for two spellings of one address, and useless without the key. */
  abstract hashOf(email: string): Promise<string>;
}
