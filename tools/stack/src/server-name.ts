/** The servers of the stack, in display order. */
export const serverNames = ['postgres', 'redis', 'rabbitmq', 'kafka', 'sns-sqs'] as const;
export type ServerName = (typeof serverNames)[number];

/** True for the name of a server. */
export const isServerName = (word: string): word is ServerName =>
  (serverNames as readonly string[]).includes(word);
