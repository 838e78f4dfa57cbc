import { Injectable } from '@nestjs/common';
import { type Encrypted, mask, maskedEmail } from '@waybill/contracts';
import { seesPersonalData, type Wish } from '@waybill/http';
import type { BookedAddress } from '../domain/account.events.ts';
import type { Account } from '../domain/account.ts';
import { PersonalData } from '../personal-data.ts';
import type { ListedCustomer } from '../storage/customer-list.ts';
import type { BookedAddressView, CustomerPage, CustomerView } from './customers.schema.ts';

/** Accounts as they are shown; what is erased is null. */
@Injectable()
export class CustomerViews {
  constructor(private readonly personal: PersonalData) {}

  /** An account for its customer. */
  async own(account: Account): Promise<CustomerView> {
    const { id, locale, status, registeredAt, updatedAt, revision } = account;
    const [email, name] = await Promise.all([this.plain(account.email), this.plain(account.name)]);
    const active = status === 'active';
    return { id, email, name, locale, active, registeredAt, updatedAt, version: revision };
  }

  /** An account for an operator. */
  async forOperator(account: Account, wish: Wish): Promise<CustomerView> {
    return maskedUnless(seesPersonalData(wish, account.id), await this.own(account));
  }

  /** A customer of the list for an operator. */
  async listed(customer: ListedCustomer, wish: Wish): Promise<CustomerPage['items'][number]> {
    const [email, name] = await Promise.all([
      this.plain(customer.email),
      this.plain(customer.name),
    ]);
    return maskedUnless(seesPersonalData(wish, customer.id), { ...customer, email, name });
  }

  /** The addresses that are not erased. */
  async addresses(booked: readonly BookedAddress[]): Promise<BookedAddressView[]> {
    const plain = await Promise.all(
      booked.map(async ({ id, address }) => ({
        id,
        address: await this.personal.decrypt(address),
      })),
    );
    return plain.flatMap(({ id, address }) => (address ? [{ id, ...address }] : []));
  }

  private async plain(value: Encrypted<string> | null): Promise<string | null> {
    return value === null ? null : ((await this.personal.decrypt(value)) ?? null);
  }
}

/** What is erased stays null. */
const maskedUnless = <T extends Pick<CustomerView, 'email' | 'name'>>(
  plain: boolean,
  view: T,
): T =>
  plain ? view : { ...view, email: view.email && maskedEmail(view.email), name: view.name && mask };
