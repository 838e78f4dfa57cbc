import type { Address, Digest, EmailTemplate, Encrypted } from '@waybill/contracts';

/** Which e-mails a customer wants. */
export interface Preferences {
  readonly email: boolean;
  /** E-mails that the customer has turned off. */
  readonly mutedTemplates: readonly EmailTemplate[];
  /** Absent in events of earlier releases: `none`. */
  readonly digest?: Digest;
}

/** An e-mail address. Its domain is not encrypted, because read models need it. */
export interface EmailAddress {
  readonly email: Encrypted<string>;
  readonly emailDomain: string;
}

/** No route gives the role of an operator. */
export type AccountRole = 'customer' | 'operator';

/** What is known of a customer at first: of one of another issuer perhaps neither an e-mail address nor a name. */
export interface Registration {
  readonly email: Encrypted<string> | null;
  readonly emailDomain: string | null;
  readonly name: Encrypted<string> | null;
  readonly locale: string;
  readonly roles: readonly AccountRole[];
}

/** An address of the address book. */
export interface BookedAddress {
  readonly id: string;
  readonly address: Encrypted<Address>;
}

/** Every event of an account: the types and shapes are stored for good. */
export type AccountEvent =
  | { readonly type: 'registered'; readonly data: Registration }
  | { readonly type: 'email-changed'; readonly data: EmailAddress }
  | {
      readonly type: 'preferences-changed';
      readonly data: { readonly preferences: Preferences; readonly locale: string };
    }
  | { readonly type: 'address-added' | 'address-changed'; readonly data: BookedAddress }
  | { readonly type: 'address-removed'; readonly data: { readonly id: string } }
  | { readonly type: 'deactivated' | 'reactivated' | 'erased'; readonly data: Nothing };

type Nothing = Readonly<Record<string, never>>;

const personal = ['email', 'name', 'address'];

/** The data of an event without what is personal. */
export const shownData = (data: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !personal.includes(name)));
