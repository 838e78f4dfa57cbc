import type { Contract } from '@waybill/contracts';
import { type Gathered, type RequestOptions, Requests } from '@waybill/messaging';
import type { GrpcApi } from '../grpc-api.ts';
import type { CallOptions } from './grpc-caller.ts';

/** A request contract that goes by gRPC where a setting says so. */
export interface RequestByGrpc {
  /** The type of the contract. */
  readonly type: string;
  readonly api: GrpcApi;
  /** The method that answers it: takes the data of the contract, and gives at least its answer. */
  readonly method: string;
  /** The name of the setting with the address, such as `INVENTORY_GRPC_URL`; without it the request goes over the broker. */
  readonly address: string;
}

/** Answers one request contract by a call to the service that knows. */
export interface CallFor {
  /** The type of the contract. */
  readonly type: string;
  /** Gets data that fit the contract. */
  call(data: never, options: CallOptions): Promise<unknown>;
  close(): void;
}

/**
 * The same requests as over a broker, for contracts that are asked by gRPC; all others go where they went. So no
 * service that asks knows the difference.
 */
export class GrpcRequests extends Requests {
  private readonly calls: ReadonlyMap<string, CallFor>;

  constructor(
    calls: readonly CallFor[],
    private readonly others: Requests,
  ) {
    super();
    this.calls = new Map(calls.map((each) => [each.type, each]));
  }

  async request<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R>,
  ): Promise<R> {
    const found = this.calls.get(contract.type);
    if (!found) return this.others.request(contract, data, options);
    const { data: checked } = contract(data);
    const answer = await found.call(checked as never, options);
    return options.answer ? options.answer.parse(answer) : (answer as R);
  }

  /** Asking many is for brokers: behind a URL there is one. */
  gather<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R> & { readonly expected: number },
  ): Promise<Gathered<R>> {
    return this.others.gather(contract, data, options);
  }
}
