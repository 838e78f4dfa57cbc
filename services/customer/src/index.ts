export { SigningKeys } from './access/signing-keys.ts';
export { customerConfig } from './customer.config.ts';
export { CustomerModule } from './customer.module.ts';
export { AccountActivityRepository } from './storage/account-activity.repository.ts';
export { customerInvariants } from './storage/customer.invariants.ts';
export { customerStorage } from './storage/customer.storage.ts';
