import { Injectable } from '@nestjs/common';
import type { FoundDataKeys } from '@waybill/contracts';
import { DataKeyStore } from './data-key-store.ts';

/** The keys of customers as other services get them. */
@Injectable()
export class DataKeyFinder {
  constructor(private readonly store: DataKeyStore) {}

  async find(subject: string): Promise<FoundDataKeys> {
    const keys = await this.store.find(subject);
    return { keys: keys.map(({ version, key }) => ({ version, key: key.toString('base64url') })) };
  }
}
