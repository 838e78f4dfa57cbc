import { FindDataKeys, type FoundDataKeys } from '@waybill/contracts';
import { MemoryKeys } from '@waybill/encryption/testing';
import type { RequestBroker } from '@waybill/messaging';

/** Replies to requests for the keys of customers, with keys in memory. */
export async function answerKeys(broker: RequestBroker): Promise<MemoryKeys> {
  const keys = new MemoryKeys();
  await broker.respond(FindDataKeys as never, async (data) => {
    const found = await keys.find((data as { subject: string }).subject);
    return {
      keys: found.map(({ version, key }) => ({ version, key: key.toString('base64url') })),
    } satisfies FoundDataKeys;
  });
  return keys;
}
