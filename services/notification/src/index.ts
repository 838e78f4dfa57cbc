export { ruleNames, runbookOf } from './domain/alert-rules.ts';
export { NotificationModule } from './notification.module.ts';
export { AcceptMinuteRepository } from './storage/accept-minute.repository.ts';
export { AlertRepository } from './storage/alert.repository.ts';
export { notificationInvariants } from './storage/notification.invariants.ts';
export { notificationStorage } from './storage/notification.storage.ts';
