import process from 'node:process';
import { type Credentials, developmentUsers, type User } from '../system/users.ts';

const given = (name: string): string | undefined => process.env[name] || undefined;

/** The users and secrets for the tested system. */
export interface TargetSettings {
  readonly users: Readonly<Record<User, Credentials>>;
  /** Whether the pages of the payment sandbox can be reached from here. */
  readonly paymentPages: boolean;
  /** The secrets with which carriers and the payment provider sign. */
  readonly webhookSecrets: { readonly carriers: string; readonly payment: string };
}

/** The address of the tested system; undefined when the tests start one themselves. */
export const targetUrl = given('E2E_AGAINST')?.replace(/\/+$/, '');

const customerPassword = given('E2E_CUSTOMER_PASSWORD');
const operatorPassword = given('E2E_OPERATOR_PASSWORD');
const [ada, grace] = (given('E2E_CUSTOMERS') ?? '').split(',');

const user = (
  name: User,
  email: string | undefined,
  password: string | undefined,
): Credentials => ({
  email: email || developmentUsers[name].email,
  password: password ?? developmentUsers[name].password,
});

/** The users and secrets of a development system, unless the environment sets others. */
export const targetSettings: TargetSettings = {
  users: {
    ada: user('ada', ada, customerPassword),
    grace: user('grace', grace, customerPassword),
    ops: user('ops', given('E2E_OPERATOR'), operatorPassword),
  },
  paymentPages: given('E2E_PAYMENT_PAGES') !== 'false',
  webhookSecrets: {
    carriers: given('E2E_CARRIERS_WEBHOOK_SECRET') ?? 'whsec_Y2FycmllcnMtZGV2ZWxvcG1lbnQtc2VjcmV0',
    payment: given('E2E_PAYMENT_WEBHOOK_SECRET') ?? 'whsec_cGF5bWVudC1kZXZlbG9wbWVudC1zZWNyZXQh',
  },
};
