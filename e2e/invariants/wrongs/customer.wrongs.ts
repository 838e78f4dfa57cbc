import { type Wrong, wrongsOf } from './wrong.ts';

const differs = 'the list of customers differs from the accounts';

export const customerWrongs: readonly Wrong[] = [
  ...wrongsOf('customer', 'email_owners', [
    'the e-mail address of an account belongs to another, or to none',
    'delete from email_owners',
  ]),
  ...wrongsOf('customer', 'credentials', [
    'an e-mail address or a password belongs to no account',
    `update credentials set customer_id = 'nobody' || customer_id`,
  ]),
  ...wrongsOf(
    'customer',
    'customer_list',
    [differs, 'update customer_list set active = not active'],
    [differs, `update customer_list set email_domain = 'x.' || email_domain`],
    [differs, 'delete from customer_list'],
  ),
  ...wrongsOf('customer', 'data_keys', [
    'the key of an account that is not erased is deleted',
    'update data_keys set wrapped = null, master = null',
  ]),
  ...wrongsOf('customer', 'customer_events', [
    'the positions of the events have a gap',
    'update customer_events set position = position + 1 where position = (select max(position) from customer_events)',
  ]),
  ...wrongsOf('customer', 'customer_accounts', [
    'folding the events gives another account',
    `update customer_accounts set locale = 'xx'`,
  ]),
  ...wrongsOf('customer', 'customer_accounts', [
    'an erased account has a key, a password, a session, or anything personal',
    `update customer_accounts set status = 'erased'`,
  ]),
];
