export {
  type CommandStepOptions,
  defineSaga,
  type SagaOptions,
  type StepMaker,
} from './define-saga.ts';
export type { FailedCommand } from './failed-command.ts';
export { type FailedStep, reportsTo } from './failed-steps.ts';
export { mermaid } from './mermaid.ts';
export { begin, commandUnderWay, react } from './react.ts';
export { SagaModule, type SagaSettings } from './saga.module.ts';
export { messagesOf, type Saga, type SagaRecord, type Step } from './saga.ts';
export {
  type SagaContext,
  type SagaDecision,
  type SagaInput,
  type SagaRefusal,
  UnknownSaga,
} from './saga-decision.ts';
export { SagaDue, timerInput } from './saga-due.ts';
export { notesOf } from './saga-log.ts';
export { type AnySaga, type InFlight, SagaRegistry } from './saga-registry.ts';
export { SagaRunner } from './saga-runner.ts';
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
export { type DueSagas, SagaTimers, type SagaTimersOptions } from './saga-timers.ts';
export { type SagaView, type StepStatus, sagaView, stepStatuses } from './saga-view.ts';
export { HotSagas1795960000001 } from './storage/hot-sagas.ts';
export { SagaEntity, sagas } from './storage/saga.entity.ts';
export { type SagaFilter, SagaRepository } from './storage/saga.repository.ts';
export { SagaLogs1795950000005 } from './storage/saga-logs.ts';
export { sagaMigrations } from './storage/saga-migrations.ts';
export { SagaTables1763683300000 } from './storage/saga-tables.ts';
export { SagasInOrder1797600000000 } from './storage/sagas-in-order.ts';
