import { AccountActivityRepository } from '@waybill/customer';
import { AccountActivity, type ActivityPage } from '@waybill/gateway';
import type { RunningService } from '@waybill/service';

/** Reads who is inactive from the customer service in this process. */
export class LocalActivity extends AccountActivity {
  private readonly accounts: AccountActivityRepository;

  constructor(services: readonly RunningService[]) {
    super();
    const customer = services.find(({ name }) => name === 'customer');
    if (!customer) throw new TypeError('there is no customer service in this process');
    this.accounts = customer.app.get(AccountActivityRepository);
  }

  after(position: number): Promise<ActivityPage> {
    return this.accounts.after(position);
  }
}
