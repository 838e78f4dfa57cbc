export { messagingInvariants, type ServiceDatabase, violation } from './messaging-invariants.ts';
