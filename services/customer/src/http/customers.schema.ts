import {
  address,
  digest,
  emailTemplate,
  enteredAddress,
  enteredLine,
  instant,
  locale,
  text,
} from '@waybill/contracts';
import { paging, revealing } from '@waybill/http';
import { z } from 'zod';

const emailAddress = z.email().max(320);

/** The body of POST /customers. */
export const register = z
  .strictObject({
    email: emailAddress,
    password: text(6, 200),
    name: enteredLine(1, 100),
    locale: locale.default('en'),
  })
  .meta({ id: 'RegisterCustomer' });
export type Register = z.output<typeof register>;

export const changeEmail = z.strictObject({ email: emailAddress }).meta({ id: 'ChangeEmail' });
export type ChangeEmailBody = z.output<typeof changeEmail>;

const preferences = {
  email: z.boolean().meta({ description: 'False for no e-mails at all' }),
  mutedTemplates: z.array(emailTemplate).max(20),
  digest: digest.meta({
    description: 'Whether e-mails come at once, or those of an hour or a day in one',
  }),
};

/** The body of PUT /customers/me/preferences: what is left out is as it is for a new customer. */
export const changePreferences = z
  .strictObject({
    email: preferences.email.default(true),
    mutedTemplates: preferences.mutedTemplates
      .default([])
      .refine((all) => new Set(all).size === all.length, 'names a template twice'),
    digest: preferences.digest.default('none'),
    locale: locale.optional().meta({ description: 'As it is, if it is left out' }),
  })
  .meta({ id: 'ChangePreferences' });
export type ChangePreferencesBody = z.output<typeof changePreferences>;

export type AddressBody = z.output<typeof enteredAddress>;

/** A customer's id as a caller writes it; an external issuer chooses those of its users. */
export const customerId = text(1, 100);
export const addressId = z.uuid().toLowerCase();

const domain = z
  .string()
  .min(1)
  .max(255)
  .toLowerCase()
  .regex(/^[a-z0-9.-]+$/, 'is a domain such as example.com');

export const listCustomersQuery = z.strictObject({
  ...paging,
  ...revealing,
  emailDomain: domain.optional(),
  active: z.enum(['true', 'false']).optional(),
});
export type ListCustomersQuery = z.output<typeof listCustomersQuery>;

export const findCustomerQuery = z.strictObject(revealing);
export type FindCustomerQuery = z.output<typeof findCustomerQuery>;

export const pageQuery = z.strictObject(paging);
export type PageQuery = z.output<typeof pageQuery>;

const nextCursor = z.string().nullable();

const customer = {
  id: z.string(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  locale,
  active: z.boolean(),
  registeredAt: instant,
};

/** An account as shown to its customer. */
export const customerAnswer = z
  .strictObject({ ...customer, updatedAt: instant, version: z.int().min(1) })
  .meta({ id: 'Customer' });
export type CustomerView = z.output<typeof customerAnswer>;

export const customerPageAnswer = z
  .strictObject({
    items: z.array(z.strictObject({ ...customer, emailDomain: z.string().nullable() })),
    nextCursor,
    asOf: instant.meta({ description: 'The moment that the list shows' }),
    lagMs: z.int().min(0).meta({ description: 'How far it is behind the accounts' }),
  })
  .meta({ id: 'CustomerPage' });
export type CustomerPage = z.output<typeof customerPageAnswer>;

export const customerEventPageAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        version: z.int().min(1),
        type: z.string(),
        at: instant,
        data: z.record(z.string(), z.unknown()).meta({ description: 'Without personal data' }),
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'CustomerEventPage' });
export type CustomerEventPage = z.output<typeof customerEventPageAnswer>;

export const preferencesAnswer = z
  .strictObject({ ...preferences, locale })
  .meta({ id: 'Preferences' });
export type PreferencesView = z.output<typeof preferencesAnswer>;

export const bookedAddressAnswer = address.extend({ id: z.uuid() }).meta({ id: 'BookedAddress' });
export type BookedAddressView = z.output<typeof bookedAddressAnswer>;

export const addressPageAnswer = z
  .strictObject({ items: z.array(bookedAddressAnswer), nextCursor })
  .meta({ id: 'AddressPage' });
export type AddressPage = z.output<typeof addressPageAnswer>;
