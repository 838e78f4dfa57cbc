export type { MailFaults } from './faults.ts';
export { mailConfig, mailSettings } from './mail.config.ts';
export type { ReceivedMail } from './mailbox.ts';
export { type MailServer, type MailServerOptions, startMailServer } from './start.ts';
