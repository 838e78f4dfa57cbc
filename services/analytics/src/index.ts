export { analyticsService } from './analytics.service.ts';
export { analyticsInvariants } from './storage/analytics.invariants.ts';
export type { Totals } from './storage/summary.repository.ts';
