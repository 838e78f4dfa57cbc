export { NotificationModule } from './notification.module.ts';
export { notificationInvariants } from './storage/notification.invariants.ts';
export { notificationStorage } from './storage/notification.storage.ts';
