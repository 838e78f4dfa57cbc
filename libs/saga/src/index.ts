export { type Duration, toMilliseconds } from './duration.ts';
export { begin, commandUnderWay, react } from './react.ts';
export {
  type CommandStepOptions,
  defineSaga,
  hears,
  type Saga,
  type SagaOptions,
  type Step,
  type StepMaker,
} from './saga.ts';
export {
  type SagaContext,
  type SagaDecision,
  type SagaInput,
  type SagaRefusal,
  UnknownSaga,
} from './saga-decision.ts';
export { type AnySaga, type InFlight, type SagaRegistry, sagaRegistry } from './saga-registry.ts';
export {
  cancelled,
  isSettled,
  type SagaHappening,
  type SagaLogEntry,
  type SagaPhase,
  type SagaState,
  type SagaStatus,
  sagaId,
} from './saga-state.ts';
export { sagaTable } from './saga-table.ts';
