import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CreditAccount } from '../domain/credit-account.ts';
import { CreditAccountEntity, LedgerEntryEntity } from './payment.entities.ts';

/** Where the list of a customer's entries continues. */
export interface CreditPlace {
  readonly at: string;
  readonly operationId: string;
  readonly kind: string;
}

/** Reads the store credit of customers. */
@Injectable()
export class CreditRepository {
  constructor(private readonly dataSource: DataSource) {}

  async find(customerId: string): Promise<CreditAccount | undefined> {
    const found = await this.dataSource.manager.findOneBy(CreditAccountEntity, { customerId });
    return found ?? undefined;
  }

  /** What changed the available credit of a customer, the newest first. */
  entries(
    customerId: string,
    limit: number,
    after: CreditPlace | undefined,
  ): Promise<readonly LedgerEntryEntity[]> {
    const query = this.dataSource
      .getRepository(LedgerEntryEntity)
      .createQueryBuilder('entry')
      .where(`entry.account = 'credit' and entry.customerId = :customerId`, { customerId })
      .orderBy('entry.at', 'DESC')
      .addOrderBy('entry.operationId', 'DESC')
      .addOrderBy('entry.kind', 'DESC')
      .limit(limit);
    if (after) {
      query.andWhere(
        '(entry.at, entry.operationId, entry.kind) < (:at::timestamptz, :operationId, :kind)',
        after,
      );
    }
    return query.getMany();
  }
}
