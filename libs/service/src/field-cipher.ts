import type { FactoryProvider } from '@nestjs/common';
import { DataKeys, FieldCipher } from '@waybill/encryption';
import { CLOCK, type Clock } from '@waybill/messaging';
import { OutgoingRequests } from './grpc/service-grpc.ts';
import type { DataKeysRequest } from './service-options.ts';

/** Milliseconds: a customer waits for it at most as long as for a slow order. */
const deadline = 5_000;

/** Provides the `FieldCipher` of a service that requests its keys from another. */
export const fieldCipherProvider = ({ contract, answer }: DataKeysRequest): FactoryProvider => ({
  provide: FieldCipher,
  inject: [OutgoingRequests, CLOCK],
  useFactory: ({ requests }: OutgoingRequests, clock: Clock) => {
    const find = async (subject: string) => {
      const { keys } = await requests.request(contract, { subject }, { deadline, answer });
      return keys.map(({ version, key }) => ({ version, key: Buffer.from(key, 'base64url') }));
    };
    return new FieldCipher(new DataKeys({ find }, clock));
  },
});
