export { type Ledgers, readLedgers, sandboxKeys } from './invariants/ledgers.ts';
export type { DatabaseUrls } from './invariants/service-databases.ts';
export { verifyConfig } from './invariants/verify.config.ts';
export { type VerifyOptions, verifyInvariants } from './invariants/verify-invariants.ts';
