import {
  type FactoryProvider,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { DataKeys, FieldCipher } from '@waybill/encryption';
import { CLOCK, type Clock } from '@waybill/messaging';
import { OutgoingRequests } from './grpc/service-grpc.ts';
import { LiveUpdates } from './live-updates.ts';
import { type DataKeysRequest, SERVICE_OPTIONS, type ServiceOptions } from './service-options.ts';

/** Milliseconds: a customer waits for it at most as long as for a slow order. */
const deadline = 5_000;

/** Forgets keys once they are deleted. A message that is lost makes no difference after a minute. */
@Injectable()
class DeletedKeys implements OnApplicationBootstrap, OnApplicationShutdown {
  private stop = (): void => {};

  constructor(
    private readonly keys: DataKeys,
    private readonly live: LiveUpdates,
    @Inject(SERVICE_OPTIONS) private readonly options: Pick<ServiceOptions, 'dataKeys'>,
  ) {}

  onApplicationBootstrap(): void {
    const { deleted } = this.options.dataKeys ?? {};
    if (deleted) this.stop = this.live.observe(deleted, ({ key }) => this.keys.forget(key));
  }

  onApplicationShutdown(): void {
    this.stop();
  }
}

/** Provides the `FieldCipher` of a service that requests its keys from another. */
export const fieldCipherProviders = ({ contract, answer }: DataKeysRequest): Provider[] => [
  {
    provide: DataKeys,
    inject: [OutgoingRequests, CLOCK],
    useFactory: ({ requests }: OutgoingRequests, clock: Clock) => {
      const find = async (subject: string) => {
        const { keys } = await requests.request(contract, { subject }, { deadline, answer });
        return keys.map(({ version, key }) => ({ version, key: Buffer.from(key, 'base64url') }));
      };
      return new DataKeys({ find }, clock);
    },
  } satisfies FactoryProvider,
  {
    provide: FieldCipher,
    inject: [DataKeys],
    useFactory: (keys: DataKeys) => new FieldCipher(keys),
  },
  DeletedKeys,
];
