import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { AccountRepository } from '../storage/account.repository.ts';
import type { AccountEventEntity } from '../storage/customer.entities.ts';

/** What happened to an account after a version, the oldest first. */
export class ListCustomerEvents extends Query<readonly AccountEventEntity[]> {
  constructor(
    readonly customerId: string,
    readonly after: number,
    readonly limit: number,
  ) {
    super();
  }
}

@QueryHandler(ListCustomerEvents)
export class ListCustomerEventsHandler implements IQueryHandler<ListCustomerEvents> {
  constructor(private readonly accounts: AccountRepository) {}

  async execute({ customerId, after, limit }: ListCustomerEvents) {
    const { id } = await this.accounts.get(customerId);
    return this.accounts.events(id, after, limit);
  }
}
