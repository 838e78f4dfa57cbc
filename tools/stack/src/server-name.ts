/** The servers of the stack, in the order in which they are shown. */
export const serverNames = ['postgres', 'redis', 'rabbitmq', 'kafka', 'sns-sqs'] as const;
export type ServerName = (typeof serverNames)[number];

/** True for the name of a server. */
export const isServerName = (word: string): word is ServerName =>
  (serverNames as readonly string[]).includes(word);
