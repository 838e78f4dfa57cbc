import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { FoundAccount } from '@waybill/contracts';
import { MoreThan, Repository } from 'typeorm';
import { AccountRefused } from '../domain/account.errors.ts';
import type { Account } from '../domain/account.ts';
import { AccountEntity, AccountEventEntity } from './customer.entities.ts';

/** Reads accounts and their events. All writes go through the consumer's commits. */
@Injectable()
export class AccountRepository {
  constructor(
    @InjectRepository(AccountEntity) private readonly accounts: Repository<AccountEntity>,
    @InjectRepository(AccountEventEntity) private readonly stored: Repository<AccountEventEntity>,
  ) {}

  /** Rejects with `AccountRefused` if there is no such account. */
  async get(id: string): Promise<Account> {
    const found = await this.find(id);
    if (found) return found;
    throw new AccountRefused('not_found', `there is no customer ${id}`);
  }

  async find(id: string): Promise<Account | undefined> {
    return (await this.accounts.findOneBy({ id })) ?? undefined;
  }

  /** Whether there is an account, as other services get it. */
  async status(customerId: string): Promise<FoundAccount> {
    return { status: (await this.find(customerId))?.status ?? '' };
  }

  /** The events of one account after a version, in order. */
  events(id: string, after: number, limit: number): Promise<AccountEventEntity[]> {
    return this.stored.find({
      where: { streamId: id, version: MoreThan(after) },
      order: { version: 'ASC' },
      take: limit,
    });
  }
}
