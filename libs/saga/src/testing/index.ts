export { type SagaClaims, type SagaSpec, type SagaSpecInput, sagaSpec } from './saga-spec.ts';
