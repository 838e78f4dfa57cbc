import { AccountActivity, type ActivityPage } from '../inactive/account-activity.ts';
import type { ServiceDoor } from './service-door.ts';

const patience = 700;

/** Calls the customer service for the changes of its accounts. */
export class RemoteActivity extends AccountActivity {
  constructor(private readonly door: ServiceDoor) {
    super();
  }

  after(position: number): Promise<ActivityPage> {
    return this.door.ofOne((replica) =>
      this.door.send<ActivityPage>(replica, `/internal/activity?after=${position}`, patience),
    );
  }
}
