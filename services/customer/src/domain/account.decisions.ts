import { AccountRefused } from './account.errors.ts';
import type { AccountEvent, BookedAddress, EmailAddress, Preferences } from './account.events.ts';
import type { Account } from './account.ts';

/** A change that a customer or an operator wants. */
export type AccountChange =
  | { readonly type: 'change-email'; readonly to: EmailAddress }
  | {
      readonly type: 'change-preferences';
      readonly preferences: Preferences;
      /** As it is, if it is not given. */
      readonly locale?: string | undefined;
    }
  | { readonly type: 'add-address' | 'change-address'; readonly entry: BookedAddress }
  | { readonly type: 'remove-address'; readonly id: string }
  | StatusChange;

interface StatusChange {
  readonly type: 'deactivate' | 'reactivate';
}

/** How many addresses an address book holds. */
export const mostAddresses = 50;

/**
 * The events of a change. To deactivate an inactive account and to reactivate an active one changes nothing; an inactive account
 * refuses every other change.
 */
export function decide(account: Account, change: AccountChange): readonly AccountEvent[] {
  if (account.status === 'erased')
    throw new AccountRefused('not_found', `there is no customer ${account.id}`);
  if (isOfStatus(change)) {
    const [status, type] =
      change.type === 'deactivate'
        ? (['inactive', 'deactivated'] as const)
        : (['active', 'reactivated'] as const);
    return account.status === status ? [] : [{ type, data: {} }];
  }
  if (account.status === 'inactive')
    throw new AccountRefused('customer_inactive', 'this account is inactive; it changes nothing');
  return decideOf(account, change);
}

const isOfStatus = (change: AccountChange): change is StatusChange =>
  change.type === 'deactivate' || change.type === 'reactivate';

function decideOf(
  account: Account,
  change: Exclude<AccountChange, StatusChange>,
): readonly AccountEvent[] {
  switch (change.type) {
    case 'change-email':
      return [{ type: 'email-changed', data: change.to }];
    case 'change-preferences': {
      const { preferences, locale = account.locale } = change;
      return [{ type: 'preferences-changed', data: { preferences, locale } }];
    }
    case 'add-address':
      if (account.addresses.length >= mostAddresses)
        throw new AccountRefused(
          'too_many_addresses',
          `there are ${mostAddresses} addresses already`,
        );
      return [{ type: 'address-added', data: change.entry }];
    case 'change-address':
      checkAddress(account, change.entry.id);
      return [{ type: 'address-changed', data: change.entry }];
    case 'remove-address':
      checkAddress(account, change.id);
      return [{ type: 'address-removed', data: { id: change.id } }];
  }
}

function checkAddress({ addresses }: Account, wanted: string): void {
  if (addresses.some(({ id }) => id === wanted)) return;
  throw new AccountRefused('not_found', `there is no address ${wanted}`);
}
