import { type FoundDataKeys, text } from '@waybill/contracts';
import { customersApi } from '@waybill/contracts/grpc';
import { checked, GrpcController, Serves } from '@waybill/grpc';
import { z } from 'zod';
import { DataKeyFinder } from '../storage/data-key-finder.ts';

const requested = z.object({ subject: text(1, 100) });

/** What other services need to know of customers, by gRPC. */
@GrpcController()
export class CustomersRpc {
  constructor(private readonly keys: DataKeyFinder) {}

  @Serves(customersApi)
  findDataKeys(request: unknown): Promise<FoundDataKeys> {
    return this.keys.find(checked(requested, request).subject);
  }
}
