import { describe, expect, it } from '@jest/globals';
import { type AccountChange, decide, mostAddresses } from './account.decisions.ts';
import { type AccountEvent, shownData } from './account.events.ts';
import { type Account, fold } from './account.ts';

const [id, at] = ['ada', '2026-11-29T12:00:00.000Z'];
const registered: AccountEvent = {
  type: 'registered',
  data: {
    email: 'ada@example.com',
    emailDomain: 'example.com',
    name: 'Ada',
    locale: 'en',
    roles: ['customer'],
  },
};
const deactivated: AccountEvent = { type: 'deactivated', data: {} };
const reactivated: AccountEvent = { type: 'reactivated', data: {} };
const erased: AccountEvent = { type: 'erased', data: {} };
const home = {
  id: 'home',
  address: { name: 'Ada', line1: '1 Main St', city: 'Berlin', postalCode: '10115', country: 'DE' },
};
const changeEmail: AccountChange = {
  type: 'change-email',
  to: { email: 'ada@example.org', emailDomain: 'example.org' },
};

/** An account after events; `when` decides a change on it. */
function given(...events: AccountEvent[]) {
  const account = fold(undefined, events, id, at) as Account;
  return {
    when(change: AccountChange) {
      const decided = () => decide(account, change);
      return {
        thenHappens: (...expected: AccountEvent[]) => expect(decided()).toEqual(expected),
        thenIs: (part: Partial<Account>) =>
          expect(fold(account, decided(), id, at)).toMatchObject(part),
        thenRefuses: (code: string) =>
          expect(decided).toThrow(expect.objectContaining({ code, retriable: false })),
      };
    },
  };
}

describe('an account', () => {
  it('is active, with every e-mail and no address, once its customer has signed up', () => {
    expect(fold(undefined, [registered], id, at)).toEqual({
      id,
      ...registered.data,
      status: 'active',
      addresses: [],
      preferences: { email: true, mutedTemplates: [] },
      registeredAt: at,
      updatedAt: at,
      revision: 1,
    });
  });

  it('takes another e-mail address', () => {
    given(registered)
      .when(changeEmail)
      .thenIs({ email: 'ada@example.org', emailDomain: 'example.org', revision: 2 });
  });

  it('keeps its locale when preferences are changed without one', () => {
    const preferences = { email: true, mutedTemplates: ['order-shipped'] } as const;
    const change = { type: 'change-preferences', preferences } as const;
    given(registered).when(change).thenIs({ preferences, locale: 'en' });
    given(registered)
      .when({ ...change, locale: 'de-AT' })
      .thenIs({ preferences, locale: 'de-AT' });
  });
});

describe('the status of an account', () => {
  it('changes by deactivation and reactivation', () => {
    given(registered).when({ type: 'deactivate' }).thenHappens(deactivated);
    given(registered, deactivated).when({ type: 'reactivate' }).thenHappens(reactivated);
    given(registered, deactivated).when({ type: 'reactivate' }).thenIs({ status: 'active' });
  });

  it('stays as it is, without an event, if it is so already', () => {
    given(registered, deactivated).when({ type: 'deactivate' }).thenHappens();
    given(registered).when({ type: 'reactivate' }).thenHappens();
    given(registered, deactivated, reactivated).when({ type: 'reactivate' }).thenHappens();
  });

  it.each<AccountChange>([
    changeEmail,
    { type: 'change-preferences', preferences: { email: false, mutedTemplates: [] } },
    { type: 'add-address', entry: home },
    { type: 'change-address', entry: home },
    { type: 'remove-address', id: 'home' },
  ])('refuses every other change while it is inactive: $type', (change) => {
    given(registered, deactivated).when(change).thenRefuses('customer_inactive');
  });
});

describe('an erased account', () => {
  it('has nothing of its customer, whether it was active or not', () => {
    const left = {
      status: 'erased',
      email: null,
      emailDomain: null,
      name: null,
      addresses: [],
      locale: 'en',
    } as const;
    const added: AccountEvent = { type: 'address-added', data: home };
    given(registered, added).when({ type: 'erase' }).thenIs(left);
    given(registered, deactivated).when({ type: 'erase' }).thenHappens(erased);
  });

  it('stays so', () => {
    given(registered, erased).when({ type: 'erase' }).thenHappens();
    for (const type of ['deactivate', 'reactivate'] as const)
      given(registered, erased).when({ type }).thenRefuses('not_found');
    given(registered, erased).when(changeEmail).thenRefuses('not_found');
  });
});

describe('the address book', () => {
  const added: AccountEvent = { type: 'address-added', data: home };

  it('has what was added, as it was changed last, and not what was removed', () => {
    const moved = { ...home, address: { ...home.address, city: 'Hamburg' } };
    given(registered)
      .when({ type: 'add-address', entry: home })
      .thenIs({ addresses: [home] });
    given(registered, added)
      .when({ type: 'change-address', entry: moved })
      .thenIs({ addresses: [moved] });
    given(registered, added).when({ type: 'remove-address', id: 'home' }).thenIs({ addresses: [] });
  });

  it('knows no address that is not in it', () => {
    given(registered).when({ type: 'change-address', entry: home }).thenRefuses('not_found');
    given(registered).when({ type: 'remove-address', id: 'home' }).thenRefuses('not_found');
  });

  it('is not endless', () => {
    const full = Array.from(
      { length: mostAddresses },
      (_, n): AccountEvent => ({ type: 'address-added', data: { ...home, id: String(n) } }),
    );
    given(registered, ...full)
      .when({ type: 'add-address', entry: home })
      .thenRefuses('too_many_addresses');
  });
});

it('shows the data of events without what is personal', () => {
  expect(shownData(registered.data)).toEqual({
    emailDomain: 'example.com',
    locale: 'en',
    roles: ['customer'],
  });
  expect(shownData(home)).toEqual({ id: 'home' });
});
