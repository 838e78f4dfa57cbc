export { CustomerModule } from './customer.module.ts';
export { customerInvariants } from './storage/customer.invariants.ts';
export { customerStorage } from './storage/customer.storage.ts';
