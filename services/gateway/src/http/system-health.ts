import { Injectable } from '@nestjs/common';
import { Health, type HealthReport } from '@waybill/observability';
import { InactiveCustomers } from '../inactive/inactive-customers.ts';
import { Upstreams } from '../upstreams/upstream.ts';
import { Peers } from '../ws/peers.ts';

/** The health of every process of the system, and of what this gateway does itself. */
@Injectable()
export class SystemHealth {
  constructor(
    private readonly upstreams: Upstreams,
    private readonly inactive: InactiveCustomers,
    private readonly peers: Peers,
    private readonly own: Health,
  ) {}

  async reports(): Promise<readonly HealthReport[]> {
    const [own, ...reports] = await Promise.all([
      this.own.report(),
      ...this.upstreams.all.map((upstream) => upstream.health()),
    ]);
    return [...reports.flat(), own, ...this.inactive.troubles(), ...this.peers.troubles()];
  }
}
