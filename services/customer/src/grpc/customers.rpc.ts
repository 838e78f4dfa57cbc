import { type FoundAccount, type FoundDataKeys, text } from '@waybill/contracts';
import { customersApi } from '@waybill/contracts/grpc';
import { checked, GrpcController, Serves } from '@waybill/grpc';
import { z } from 'zod';
import { AccountRepository } from '../storage/account.repository.ts';
import { DataKeyFinder } from '../storage/data-key-finder.ts';

const requested = z.object({ subject: text(1, 100) });
const account = z.object({ customerId: text(1, 100) });

/** What other services need to know of customers, by gRPC. */
@GrpcController()
export class CustomersRpc {
  constructor(
    private readonly keys: DataKeyFinder,
    private readonly accounts: AccountRepository,
  ) {}

  @Serves(customersApi)
  findDataKeys(request: unknown): Promise<FoundDataKeys> {
    return this.keys.find(checked(requested, request).subject);
  }

  @Serves(customersApi)
  findAccount(request: unknown): Promise<FoundAccount> {
    return this.accounts.status(checked(account, request).customerId);
  }
}
