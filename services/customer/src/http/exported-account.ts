import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { mostIds, onePage, PersonalParts } from '@waybill/service';
import { MoreThan, Repository } from 'typeorm';
import type { Account } from '../domain/account.ts';
import { SessionEntity } from '../storage/access.entities.ts';
import { AccountRepository } from '../storage/account.repository.ts';
import { CustomerViews } from './customer.views.ts';

/** What this service has of a customer, for an export. */
@Injectable()
export class ExportedAccount {
  constructor(
    parts: PersonalParts,
    private readonly accounts: AccountRepository,
    views: CustomerViews,
    @InjectRepository(SessionEntity) sessions: Repository<SessionEntity>,
  ) {
    this.add(parts, 'account', async (account) => [await views.own(account)]);
    this.add(parts, 'preferences', async ({ preferences, locale }) => [{ ...preferences, locale }]);
    this.add(parts, 'addresses', ({ addresses }) => views.addresses(addresses));
    parts.add('sessions', async ({ subject: customerId, after }) => {
      const where = { customerId, ...(after === undefined ? {} : { id: MoreThan(after) }) };
      const found = await sessions.find({ where, order: { id: 'ASC' }, take: mostIds });
      const items = found.map(({ id, startedAt, refreshedAt, expiresAt, endedAt, endReason }) => ({
        id,
        startedAt,
        refreshedAt,
        expiresAt,
        endedAt,
        endReason,
      }));
      return { items, next: found[mostIds - 1]?.id ?? null };
    });
  }

  /** A customer of another issuer has no account here. */
  private add(
    parts: PersonalParts,
    name: string,
    of: (account: Account) => Promise<readonly object[]>,
  ): void {
    parts.add(name, async ({ subject }) => {
      const account = await this.accounts.find(subject);
      return onePage(account ? await of(account) : []);
    });
  }
}
