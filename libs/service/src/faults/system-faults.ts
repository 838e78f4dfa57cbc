import { Problem } from '@waybill/http';
import { type Answers, merge } from '../ops/merge.ts';
import type { Operations } from '../ops/operations.ts';
import type { Merged } from '../ops/system-operations.ts';
import { outageHasNoShare, unknownFault } from './fault.problems.ts';
import type { FaultReport } from './fault-access.ts';
import type { Fault } from './fault-points.ts';

/** The faults of all services as one list. */
export class SystemFaults {
  constructor(private readonly services: readonly Pick<Operations, 'service' | 'faults'>[]) {}

  async list(): Promise<Merged<FaultReport>> {
    return this.call((faults) => faults.list());
  }

  /** The fault with this name; 404 if no service has it, 503 if that is not known. */
  async find(name: string): Promise<FaultReport> {
    const { items, missing } = await this.list();
    const found = items.find((each) => each.name === name);
    if (found) return found;
    throw missing.length === 0 ? unknownFault(name, items) : unavailable(missing);
  }

  /** Sets the fault at the service that has it; rejects as `find`. */
  async set(name: string, fault: Fault, by: string): Promise<FaultReport> {
    const found = await this.find(name);
    if (found.effect === 'outage' && fault.share > 0) throw outageHasNoShare();
    const owner = this.services.find(({ service }) => service === found.service);
    if (!owner) throw unavailable([found.service]);
    return owner.faults.set(name, fault, by);
  }

  /** Resolves with the services whose faults are all off. */
  async clear(
    by: string,
  ): Promise<{ readonly services: readonly string[]; readonly missing: readonly string[] }> {
    const { items, missing } = await this.call(async (faults, service) => {
      await faults.clear(by);
      return [service];
    });
    return { services: items, missing };
  }

  private async call<T>(
    question: (faults: Operations['faults'], service: string) => Promise<readonly T[]>,
  ): Promise<Merged<T>> {
    const answers = await merge(this.services, ({ faults, service }) => question(faults, service));
    const { items, missing } = answers;
    const refusal = items.length === 0 && refusalAmong(answers);
    if (refusal) throw refusal;
    return { items, missing };
  }
}

const refusalAmong = ({ errors }: Pick<Answers<unknown>, 'errors'>): unknown =>
  errors.find((error) => (error as { code?: unknown }).code === 'faults_not_allowed');

const unavailable = (missing: readonly string[]): Problem =>
  new Problem(503, 'unavailable', `${missing.join(', ')} did not answer; try again`, {
    headers: { 'retry-after': '2' },
  });
