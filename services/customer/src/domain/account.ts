import type { Encrypted } from '@waybill/contracts';
import type { AccountEvent, AccountRole, BookedAddress, Preferences } from './account.events.ts';

export type AccountStatus = 'active' | 'inactive' | 'erased';

/** The fold of an account's events. */
export interface Account {
  readonly id: string;
  readonly status: AccountStatus;
  readonly email: Encrypted<string> | null;
  readonly emailDomain: string | null;
  readonly name: Encrypted<string> | null;
  readonly locale: string;
  readonly roles: readonly AccountRole[];
  /** In the order in which they were added. */
  readonly addresses: readonly BookedAddress[];
  readonly preferences: Preferences;
  readonly registeredAt: string;
  readonly updatedAt: string;
  /** The number of its events. */
  readonly revision: number;
}

/** The id, version and time of an event. */
export interface Place {
  readonly id: string;
  readonly version: number;
  readonly at: string;
}

/** The account after one more event. */
export function evolve(account: Account | undefined, event: AccountEvent, place: Place): Account {
  const found = event.type === 'registered' ? opened(event.data, place) : account;
  if (!found)
    throw new TypeError(`${event.type} of account ${place.id}, which was never registered`);
  return {
    ...found,
    ...changeBy(found, event),
    updatedAt: place.at,
    revision: place.version,
  };
}

/** The account after several more events of one commit. */
export const fold = (
  account: Account | undefined,
  events: readonly AccountEvent[],
  id: string,
  at: string,
): Account | undefined =>
  events.reduce<Account | undefined>(
    (folded, event) => evolve(folded, event, { id, at, version: (folded?.revision ?? 0) + 1 }),
    account,
  );

const everyEmail: Preferences = { email: true, mutedTemplates: [] };

/** What is left of a person: nothing. */
const nothing = {
  email: null,
  emailDomain: null,
  name: null,
  locale: 'en',
  addresses: [],
  preferences: everyEmail,
};

const opened = (
  data: Extract<AccountEvent, { type: 'registered' }>['data'],
  { id, at, version }: Place,
): Account => ({
  id,
  ...data,
  status: 'active',
  addresses: [],
  preferences: everyEmail,
  registeredAt: at,
  updatedAt: at,
  revision: version,
});

function changeBy({ addresses }: Account, event: AccountEvent): Partial<Account> {
  switch (event.type) {
    case 'registered':
      return {};
    case 'email-changed':
    case 'preferences-changed':
      return event.data;
    case 'address-added':
      return { addresses: [...addresses, event.data] };
    case 'address-changed':
      return {
        addresses: addresses.map((each) => (each.id === event.data.id ? event.data : each)),
      };
    case 'address-removed':
      return { addresses: addresses.filter(({ id }) => id !== event.data.id) };
    case 'deactivated':
      return { status: 'inactive' };
    case 'reactivated':
      return { status: 'active' };
    case 'erased':
      return { status: 'erased', ...nothing };
  }
}
