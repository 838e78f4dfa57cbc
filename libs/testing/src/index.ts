export {
  type SagaClaims,
  type SagaSpec,
  type SagaSpecInput,
  sagaSpec,
} from '@waybill/saga/testing';
export { aLine, anAddress, anOrderPlaced, anOrderRequest, euros } from './builders.ts';
export { columnsInIndexes } from './columns-in-indexes.ts';
export { type DeciderClaims, type DeciderSpec, deciderSpec } from './decider-spec.ts';
export { downAndUp } from './down-and-up.ts';
export { fakeClock } from './fake-clock.ts';
export {
  type HandlerCase,
  type HandlerClaims,
  type HandlerSpec,
  handlerSpec,
} from './handler-spec.ts';
export { permutationsOf } from './permutations.ts';
export { type SeededRandom, seededRandom } from './seeded-random.ts';
export {
  schemaChanges,
  type TestDatabase,
  type TestDatabaseOptions,
  type TestServer,
  testDatabase,
  testServer,
} from './test-database.ts';
