import { AccountActivity, type ActivityPage } from '../inactive/account-activity.ts';
import type { ServiceDoor } from './service-door.ts';

const patience = 2_000;

/** Calls the customer service for the changes of its accounts. */
export class RemoteActivity extends AccountActivity {
  constructor(private readonly door: ServiceDoor) {
    super();
  }

  /** Reads at all replicas at once: one that has just been killed, or is frozen, does not delay the response of another. */
  after(position: number): Promise<ActivityPage> {
    const path = `/internal/activity?after=${position}`;
    const { all } = this.door.replicas;
    return Promise.any(all.map((replica) => this.door.send<ActivityPage>(replica, path, patience)));
  }
}
