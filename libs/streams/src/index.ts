export { type Admission, admit, type EventTime } from './event-time.ts';
export { chain, count, filter, map, type Operator, type Step, type Transform } from './operator.ts';
export { type SessionOptions, type SessionState, sessions } from './sessions.ts';
export {
  type KeyedState,
  type Seen,
  type Source,
  type Stage,
  type StageOptions,
  stage,
  type Timer,
  timer,
} from './stage.ts';
export {
  type SpanOperator,
  type SpanResult,
  type Sums,
  slidingWindows,
  type WindowOptions,
  type WindowState,
} from './windows.ts';
