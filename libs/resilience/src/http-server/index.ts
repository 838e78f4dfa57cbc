export { type ClosingOptions, OpenAnswers } from './open-answers.ts';
export { type RequestLimits, requestLimits } from './request-limits.ts';
