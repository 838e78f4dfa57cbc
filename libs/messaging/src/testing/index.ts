export { brokerConformance, type ConformanceOptions } from './conformance/broker-conformance.ts';
export {
  type Capability,
  type ConformanceCounts,
  type ConformanceResult,
  capabilities,
  countsOf,
  guaranteesTable,
  resultOf,
} from './conformance/capabilities.ts';
export { Probe } from './conformance/probe.ts';
export { type BrokerUnderTest, Double, type Draft, Scene, Sent } from './conformance/scene.ts';
export { ConsumerBench, type TestDelivery } from './consumer-bench.ts';
export { FaultProxy, type FaultProxyOptions, type LineFaults } from './fault-proxy.ts';
export { HandClock } from './hand-clock.ts';
export { MemoryBlobs } from './memory-blobs.ts';
export { MemoryStorage } from './memory-storage.ts';
export { MemoryStore } from './memory-store.ts';
export { randomFrom } from './random.fixture.ts';
export { runs, seeds } from './seeds.config.ts';
export { until } from './until.ts';
