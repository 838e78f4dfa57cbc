import {
  CustomerDeactivated,
  CustomerErased,
  CustomerPreferencesChanged,
  CustomerReactivated,
  CustomerRegistered,
  CustomerUpdated,
  DataKeysDeleted,
  type Message,
} from '@waybill/contracts';
import type { AccountEvent } from './account.events.ts';

/**
 * The public message about an event of an account, with personal data in encrypted form only. Its name makes its id depend on the event alone, so that
 * it can be published again.
 */
export function messageOf(customerId: string, event: AccountEvent, at: string): Message {
  const about = { customerId, at };
  const options = { name: event.type };
  switch (event.type) {
    case 'registered': {
      const { locale, email, name } = event.data;
      const personal = { ...(email && { email }), ...(name && { name }) };
      return CustomerRegistered({ ...about, locale, ...personal }, options) as Message;
    }
    case 'email-changed':
      return CustomerUpdated({ ...about, changed: 'email' }, options) as Message;
    case 'preferences-changed': {
      const { preferences, locale } = event.data;
      const { email, mutedTemplates, digest = 'none' } = preferences;
      const wanted = { wantsEmail: email, mutedTemplates: [...mutedTemplates], locale, digest };
      return CustomerPreferencesChanged({ ...about, ...wanted }, options) as Message;
    }
    case 'address-added':
    case 'address-changed':
    case 'address-removed':
      return CustomerUpdated({ ...about, changed: 'addresses' }, options) as Message;
    case 'deactivated':
      return CustomerDeactivated(about, options) as Message;
    case 'reactivated':
      return CustomerReactivated(about, options) as Message;
    case 'erased':
      return CustomerErased(about, options) as Message;
  }
}

/** All messages about an event: the public one, and live ones. */
export const messagesOf = (customerId: string, event: AccountEvent, at: string): Message[] => [
  messageOf(customerId, event, at),
  ...(event.type === 'erased' ? [DataKeysDeleted({ customerId, at }) as Message] : []),
];
