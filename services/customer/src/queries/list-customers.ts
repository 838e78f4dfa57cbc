import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import {
  type CustomerFilter,
  CustomerList,
  type ListedCustomers,
} from '../storage/customer-list.ts';

/** Customers by their domain and status, a moment behind the accounts. */
export class ListCustomers extends Query<ListedCustomers> {
  constructor(readonly filter: CustomerFilter) {
    super();
  }
}

@QueryHandler(ListCustomers)
export class ListCustomersHandler implements IQueryHandler<ListCustomers> {
  constructor(private readonly customers: CustomerList) {}

  execute({ filter }: ListCustomers): Promise<ListedCustomers> {
    return this.customers.list(filter);
  }
}
