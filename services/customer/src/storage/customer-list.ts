import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Encrypted } from '@waybill/contracts';
import { type AsOf, EventStore, ReadModel } from '@waybill/event-store';
import { CLOCK, type Clock } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { poolOf } from '@waybill/persistence';
import { Projections } from '@waybill/service';
import { DataSource } from 'typeorm';
import type { AccountEvent } from '../domain/account.events.ts';
import type { Account } from '../domain/account.ts';
import { accounts } from './customer.entities.ts';
import { applyAll } from './customer-list.rows.ts';

export interface CustomerFilter {
  readonly emailDomain?: string | undefined;
  readonly active?: boolean | undefined;
  /** Only customers after this id; ids are in the order of sign-ups. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A customer as the list has it. */
export interface ListedCustomer {
  readonly id: string;
  readonly active: boolean;
  readonly email: Encrypted<string> | null;
  readonly name: Encrypted<string> | null;
  readonly emailDomain: string | null;
  readonly locale: string;
  readonly registeredAt: string;
}

/** A part of the list, and the moment of the accounts that it shows. */
export interface ListedCustomers extends AsOf {
  readonly customers: readonly ListedCustomer[];
}

/** A read model of the accounts, by e-mail domain and by whether they are active. */
@Injectable()
export class CustomerList implements OnApplicationBootstrap, OnApplicationShutdown {
  private made: ReadModel<AccountEvent> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    projections: Projections,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {
    projections.add('customers', () => this.model);
  }

  onApplicationBootstrap(): void {
    this.model.start(this.clock, {
      onTrouble: (error) => this.log.warn({ error }, 'the list of customers cannot be updated now'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.made?.stop();
  }

  async list({ emailDomain, active, after, limit }: CustomerFilter): Promise<ListedCustomers> {
    const { result, ...asOf } = await this.model.read(async (client, generation) => {
      const { rows } = await client.query<Omit<ListedCustomer, 'registeredAt'> & { at: Date }>(
        `SELECT id, active, email, name, email_domain AS "emailDomain", locale, registered_at AS at
         FROM customer_list WHERE generation = $1 AND ($2::text IS NULL OR email_domain = $2)
           AND ($3::boolean IS NULL OR active = $3) AND ($4::text IS NULL OR id > $4)
         ORDER BY id LIMIT $5`,
        [generation, emailDomain, active, after, limit],
      );
      return rows.map(({ at, ...row }) => ({ ...row, registeredAt: at.toISOString() }));
    });
    return { customers: result, ...asOf };
  }

  /** Made on first use, when the pool exists. */
  private get model(): ReadModel<AccountEvent> {
    const pool = poolOf(this.dataSource);
    this.made ??= new ReadModel({
      name: 'customers',
      events: new EventStore<Account, AccountEvent>({ stream: accounts, pool }),
      pool,
      apply: applyAll,
      forget: async (client, generation) => {
        await client.query('DELETE FROM customer_list WHERE generation = $1', [generation]);
      },
    });
    return this.made;
  }
}
