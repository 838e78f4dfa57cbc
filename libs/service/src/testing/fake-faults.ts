import { faultsNotAllowed, unknownFault } from '../faults/fault.problems.ts';
import type { FaultAccess, FaultReport } from '../faults/fault-access.ts';
import { type Fault, type FaultEffect, noFault } from '../faults/fault-points.ts';

const at = '2026-01-01T00:00:00.000Z';

/** The faults of a service in memory, of one group with its name. `allowed`, `away` and `effect` are set by the test. */
export class FakeFaults implements FaultAccess {
  allowed = true;
  away = false;
  effect: FaultEffect = 'failure';
  private fault: Fault = noFault;
  private by: string | null = null;

  constructor(private readonly service: string) {}

  async list(): Promise<readonly FaultReport[]> {
    return [this.report()];
  }

  async set(name: string, fault: Fault, by: string): Promise<FaultReport> {
    const report = this.report();
    if (name !== this.service) throw unknownFault(name, [report]);
    this.fault = fault;
    this.by = by;
    return this.report();
  }

  async clear(): Promise<void> {
    this.report();
    this.fault = noFault;
    this.by = null;
  }

  private report(): FaultReport {
    if (this.away) throw new Error('away');
    if (!this.allowed) throw faultsNotAllowed();
    const { service, fault, by } = this;
    const about = `the handlers of ${service}`;
    const setAt = by === null ? null : at;
    return { name: service, service, about, effect: this.effect, ...fault, setBy: by, setAt };
  }
}
