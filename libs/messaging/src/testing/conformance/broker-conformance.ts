import { describe, expect, it } from '@jest/globals';
import type { Guarantees } from '../../broker.ts';
import type { Capability, ConformanceResult } from './capabilities.ts';
import { closingTests } from './closing.tests.ts';
import { consumerTests } from './consumer.tests.ts';
import { crashTests } from './crash.tests.ts';
import { deliveryTests } from './delivery.tests.ts';
import { encodedTests } from './encoded.tests.ts';
import { largeTests } from './large.tests.ts';
import { limitTests } from './limit.tests.ts';
import { observerTests } from './observer.tests.ts';
import { operationsTests } from './operations.tests.ts';
import { orderTests } from './order.tests.ts';
import { requestTests } from './request.tests.ts';
import { routingTests } from './routing.tests.ts';
import { type BrokerUnderTest, Scene } from './scene.ts';
import { severalTests } from './several.tests.ts';

const tests = [
  ...deliveryTests,
  ...orderTests,
  ...consumerTests,
  ...severalTests,
  ...crashTests,
  ...routingTests,
  ...encodedTests,
  ...largeTests,
  ...limitTests,
  ...requestTests,
  ...observerTests,
  ...operationsTests,
  ...closingTests,
];

/** Guarantees that an adapter declares, and the capability that proves each. */
const proofs: Readonly<Partial<Record<keyof Guarantees, Capability>>> = {
  orderedPerKey: 'ordered',
  replayable: 'replayed',
  priority: 'priority',
  expiry: 'expiry',
  requests: 'answered',
};

/** How the tests run. */
export interface ConformanceOptions {
  /** Milliseconds that one test may take; default 20,000. Real brokers need more. */
  readonly timeoutMs?: number;
  /** True if these are not all of its tests, so that its declared guarantees are checked elsewhere. */
  readonly part?: boolean;
}

/** Extra time to close the broker: a test that took too long must not leave connections behind. */
const toEnd = 15_000;

/**
 * Registers the tests of the capabilities that `has` names; every broker with a capability must pass them. They
 * use only the port. `make` creates a fresh broker for each test. Returns what is tested, for `guaranteesTable`.
 */
export function brokerConformance(
  broker: string,
  make: () => Promise<BrokerUnderTest>,
  has: Readonly<Record<Capability, boolean>>,
  { timeoutMs = 20_000, part = false }: ConformanceOptions = {},
): ConformanceResult {
  const applying = tests.filter(({ capability }) => has[capability]);
  const withScene = async (run: (scene: Scene) => Promise<void>): Promise<void> => {
    const scene = new Scene(await make());
    try {
      await within(timeoutMs, run(scene));
    } finally {
      scene.life.over = true;
      await scene.under.end();
    }
  };
  describe(`${broker} keeps what a broker promises`, () => {
    it.each(applying.map((test) => [test.name, test] as const))(
      '%s',
      (_, test) => withScene(test.run),
      timeoutMs + toEnd,
    );
    const saysSo = () =>
      withScene(async (scene) => {
        const { guarantees } = scene.broker;
        const declared = Object.keys(proofs).map((name) => guarantees[name as keyof Guarantees]);
        expect(declared).toEqual(Object.values(proofs).map((capability) => has[capability]));
      });
    if (!part) it('it says of itself what these tests prove', saysSo, timeoutMs + toEnd);
  });
  const counts = new Map<Capability, number>();
  for (const { capability } of applying) counts.set(capability, (counts.get(capability) ?? 0) + 1);
  return { broker, tests: counts };
}

async function within(ms: number, run: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}
