import { type Pipeline, type PolicyFor, Resilience } from '@waybill/resilience';
import type { FaultPoint, FaultPoints } from './fault-points.ts';

/** Pipelines whose calls an operator can let fail or be late; where faults are not allowed, ordinary ones. */
export class FaultyResilience extends Resilience {
  constructor(private readonly faults: FaultPoints | null) {
    super();
  }

  /** The fault is innermost, so that timeouts and breakers treat it as one of the dependency. */
  override pipeline(name: string, ...policies: readonly PolicyFor[]): Pipeline {
    const point = this.faults?.point(name, `calls of ${name}`);
    return super.pipeline(name, ...policies, ...(point ? [injecting(point)] : []));
  }
}

const injecting =
  (point: FaultPoint): PolicyFor =>
  () => ({
    run: (call, signal) =>
      point.isOn ? point.pass(signal).then(() => call(signal)) : call(signal),
  });
