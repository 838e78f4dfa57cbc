export { analyticsConfig } from './analytics.config.ts';
export { AnalyticsModule } from './analytics.module.ts';
export { analyticsInvariants } from './storage/analytics.invariants.ts';
export { analyticsStorage } from './storage/analytics.storage.ts';
export type { Totals } from './storage/summary.repository.ts';
