import type { Capability } from './capabilities.ts';
import type { Scene } from './scene.ts';

/** One behaviour that every broker with the capability has. */
export interface ConformanceTest {
  readonly capability: Capability;
  readonly name: string;
  readonly run: (scene: Scene) => Promise<void>;
}

/** Behaviours of one capability, by name. */
export const testsOf = (
  capability: Capability,
  tests: Readonly<Record<string, ConformanceTest['run']>>,
): readonly ConformanceTest[] =>
  Object.entries(tests).map(([name, run]) => ({ capability, name, run }));
