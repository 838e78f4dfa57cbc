export { notificationService } from './notification.service.ts';
export { notificationInvariants } from './storage/notification.invariants.ts';
