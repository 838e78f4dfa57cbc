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
  readonly type: 'deactivate' | 'reactivate' | 'erase';
}

/** How many addresses an address book holds. */
export const mostAddresses = 50;

const statusAfter = {
  deactivate: ['inactive', 'deactivated'],
  reactivate: ['active', 'reactivated'],
  erase: ['erased', 'erased'],
} as const;

/**
 * The events of a change. To deactivate an inactive account, to reactivate an active one and to erase an erased one changes nothing. An
 * inactive account refuses every other change, and an erased one every change.
 */
export function decide(account: Account, change: AccountChange): readonly AccountEvent[] {
  if (isOfStatus(change)) {
    const [status, type] = statusAfter[change.type];
    if (account.status === status) return [];
    checkNotErased(account);
    return [{ type, data: {} }];
  }
  checkNotErased(account);
  if (account.status === 'inactive')
    throw new AccountRefused('customer_inactive', 'this account is inactive; it changes nothing');
  return decideOf(account, change);
}

const isOfStatus = (change: AccountChange): change is StatusChange => change.type in statusAfter;

/** Throws `AccountRefused`: nothing of an erased account can be changed. */
export function checkNotErased({ id, status }: Account): void {
  if (status === 'erased') throw new AccountRefused('not_found', `there is no customer ${id}`);
}

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
