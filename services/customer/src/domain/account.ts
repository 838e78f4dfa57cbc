import type { AccountEvent, AccountRole, Personal, Preferences } from './account.events.ts';

export type AccountStatus = 'active' | 'inactive' | 'erased';

/** The fold of an account's events. */
export interface Account {
  readonly id: string;
  readonly status: AccountStatus;
  readonly email: Personal | null;
  readonly emailDomain: string | null;
  readonly name: Personal | null;
  readonly locale: string;
  readonly roles: readonly AccountRole[];
  readonly addresses: readonly AddressBookEntry[];
  readonly preferences: Preferences;
  readonly registeredAt: string;
  readonly updatedAt: string;
  /** The number of its events. */
  readonly revision: number;
}

/** An address of the address book. */
export interface AddressBookEntry {
  readonly id: string;
  readonly address: Personal;
}

/** The id, version and time of an event. */
export interface Place {
  readonly id: string;
  readonly version: number;
  readonly at: string;
}

/** The account after one more event. */
export function evolve(_: Account | undefined, { data }: AccountEvent, place: Place): Account {
  return {
    id: place.id,
    ...data,
    status: 'active',
    addresses: [],
    preferences: { email: true, mutedTemplates: [] },
    registeredAt: place.at,
    updatedAt: place.at,
    revision: place.version,
  };
}
