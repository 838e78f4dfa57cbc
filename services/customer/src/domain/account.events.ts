/**
 * A personal value as it is stored and published: whoever is to read it in plain asks for it at the edge. `null` once it is
 * erased.
 */
export type Personal = string;

/** Which e-mails a customer wants. */
export interface Preferences {
  readonly email: boolean;
  /** E-mails that the customer has turned off. */
  readonly mutedTemplates: readonly string[];
}

export interface Registration {
  readonly email: Personal;
  /** In plain, because read models need it. */
  readonly emailDomain: string;
  readonly name: Personal;
  readonly locale: string;
  readonly roles: readonly AccountRole[];
}

/** No route gives the role of an operator. */
export type AccountRole = 'customer' | 'operator';

/** Every event of an account: the types and shapes are stored for good. */
export type AccountEvent = { readonly type: 'registered'; readonly data: Registration };
