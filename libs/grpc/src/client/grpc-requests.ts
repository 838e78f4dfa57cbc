import type { Contract } from '@waybill/contracts';
import { type Gathered, type RequestOptions, Requests } from '@waybill/messaging';
import type { GrpcApi } from '../grpc-api.ts';
import type { CallOptions } from './grpc-caller.ts';

/** A request contract that uses gRPC if a setting gives an address. */
export interface RequestByGrpc {
  /** The type of the contract. */
  readonly type: string;
  readonly api: GrpcApi;
  /** The method that serves it: accepts the data of the contract, and returns at least the fields of its reply. */
  readonly method: string;
  /** The name of the setting with the address, such as `INVENTORY_GRPC_URL`; if unset, the request goes over the broker. */
  readonly address: string;
  /** As in the contract: the request never goes over a broker with a server. */
  readonly confidential?: boolean;
}

/** Serves one request contract with a call to the service that owns it. */
export interface CallFor {
  /** The type of the contract. */
  readonly type: string;
  /** Takes data that match the contract. */
  call(data: never, options: CallOptions): Promise<unknown>;
  close(): void;
}

/**
 * Requests as over a broker, but contracts with a `CallFor` use gRPC. All other contracts are unaffected, and callers see no
 * difference.
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

  /** Gathering needs a broker, because a URL addresses a single service. */
  gather<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R> & { readonly from: readonly string[] },
  ): Gathered<R> {
    return this.others.gather(contract, data, options);
  }
}
