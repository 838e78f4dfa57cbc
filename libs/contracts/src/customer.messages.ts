import { encrypted, event, instant, live, request, text } from '@waybill/message';
import { z } from 'zod';
import { digest, locale } from './values.ts';

const about = { customerId: text(1, 100), at: instant };
const key = (data: { readonly customerId: string }): string => data.customerId;

/** A customer has signed up. */
export const CustomerRegistered = event('customer.registered', {
  summary: 'A customer signed up.',
  schema: z.strictObject({
    ...about,
    locale,
    /** For the welcome; absent in messages of earlier releases, and if the issuer of the customer names none. */
    email: encrypted(text(1, 320)).optional(),
    name: encrypted(text(1, 200)).optional(),
  }),
  key,
});

/** A customer's e-mail address or address book has changed; who needs it reads it from the customer service. */
export const CustomerUpdated = event('customer.updated', {
  summary: 'A customer changed the e-mail address or the address book.',
  schema: z.strictObject({ ...about, changed: z.enum(['email', 'addresses']) }),
  key,
});

/** The e-mails that a customer wants, and their language. */
export const CustomerPreferencesChanged = event('customer.preferences-changed', {
  summary: 'A customer changed which e-mails to get, or their language.',
  schema: z.strictObject({
    ...about,
    wantsEmail: z.boolean(),
    mutedTemplates: z.array(text(1, 100)).max(100),
    locale,
    digest: digest.optional(),
  }),
  key,
});

/** An operator has deactivated a customer, whose tokens are refused from now on. */
export const CustomerDeactivated = event('customer.deactivated', {
  summary: 'A customer was deactivated.',
  schema: z.strictObject(about),
  key,
});

/** An operator has reactivated a customer. */
export const CustomerReactivated = event('customer.reactivated', {
  summary: 'A customer was reactivated.',
  schema: z.strictObject(about),
  key,
});

/** A customer was erased: the key of the personal data is deleted, so that nothing encrypted with it can be read any more. */
export const CustomerErased = event('customer.erased', {
  summary: 'A customer was erased.',
  schema: z.strictObject(about),
  key,
});

/** The key of a customer was deleted; for services that have it in memory. */
export const DataKeysDeleted = live('customer.data-keys-deleted', {
  summary: 'The key of a customer was deleted.',
  schema: z.strictObject(about),
  key,
});

/** A customer has signed in: a session has begun. */
export const CustomerSignedIn = event('customer.signed-in', {
  summary: 'A customer signed in.',
  schema: z.strictObject({ ...about, sessionId: z.uuid() }),
  key,
});

/** A session has ended: the customer signed out, or a refresh token that was already used came again. */
export const CustomerSignedOut = event('customer.signed-out', {
  summary: 'A session of a customer ended.',
  schema: z.strictObject({
    ...about,
    sessionId: z.uuid(),
    reason: z.enum(['signed_out', 'reused']),
  }),
  key,
});
/** Requests the keys that encrypt the personal data of a customer; a customer without keys gets the first one. */
export const FindDataKeys = request('customer.find-data-keys', {
  summary: 'The keys of the personal data of a customer.',
  schema: z.strictObject({ subject: text(1, 100) }),
  key: (data) => data.subject,
  confidential: true,
});

/** The answer to `FindDataKeys`: every version of the key, or none once the customer is erased. */
export const foundDataKeys = z.object({
  keys: z.array(z.object({ version: z.int().min(1), key: z.base64url() })).default([]),
});
export type FoundDataKeys = z.output<typeof foundDataKeys>;

/** Requests whether there is an account of a customer. */
export const FindAccount = request('customer.find-account', {
  summary: 'Whether there is an account of a customer, and whether it is active.',
  schema: z.strictObject({ customerId: text(1, 100) }),
  key,
  confidential: true,
});

/** The answer to `FindAccount`; the status is empty if there is no account. */
export const foundAccount = z.object({
  status: z.enum(['active', 'inactive', 'erased', '']).default(''),
});
export type FoundAccount = z.output<typeof foundAccount>;
