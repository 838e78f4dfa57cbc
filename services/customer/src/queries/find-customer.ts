import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Account } from '../domain/account.ts';
import { AccountRepository } from '../storage/account.repository.ts';

/** The account of a customer, with everything that was committed before. */
export class FindCustomer extends Query<Account> {
  constructor(readonly customerId: string) {
    super();
  }
}

@QueryHandler(FindCustomer)
export class FindCustomerHandler implements IQueryHandler<FindCustomer> {
  constructor(private readonly accounts: AccountRepository) {}

  execute({ customerId }: FindCustomer): Promise<Account> {
    return this.accounts.get(customerId);
  }
}
