import { type Contract, event, newId } from '@waybill/message';
import {
  type Batch,
  emptyBatch,
  type InboxRow,
  type OutboxRow,
  type StateWrite,
} from '@waybill/messaging';
import {
  Column,
  Entity,
  type MigrationInterface,
  PrimaryColumn,
  type QueryRunner,
  VersionColumn,
} from 'typeorm';
import { z } from 'zod';
import { bigint, instant } from '../entity-columns.ts';
import { appendOnly, states, stream } from '../entity-tables.ts';

/** Tables of an example shop, for the tests of the store and the relay. */
@Entity('purchase')
export class PurchaseEntity {
  @PrimaryColumn('uuid') readonly id!: string;
  @Column('text') readonly status!: string;
  @Column(bigint) readonly total!: number;
  @Column('boolean') readonly paid!: boolean;
  @Column(instant) readonly placedAt!: string;
  @Column('jsonb') readonly lines!: readonly { sku: string; quantity: number }[];
  @VersionColumn(bigint) readonly version!: number;
}
export type Purchase = Omit<PurchaseEntity, 'version'>;
export const purchases = states(PurchaseEntity, { seldom: ['placedAt', 'lines'] });

@Entity('stock')
export class StockEntity {
  @PrimaryColumn('text') readonly sku!: string;
  @Column('integer') readonly available!: number;
  @VersionColumn(bigint) readonly version!: number;
}
export type Stock = Omit<StockEntity, 'version'>;
export const stock = states(StockEntity, { shared: true });

export interface Account {
  readonly id: string;
  readonly balance: number;
}
@Entity('account')
class AccountEntity implements Account {
  @PrimaryColumn('text') readonly id!: string;
  @Column(bigint) readonly balance!: number;
  @VersionColumn(bigint) readonly version!: number;
}
@Entity('account_event')
class AccountEventEntity {
  @PrimaryColumn('text') readonly streamId!: string;
  @PrimaryColumn(bigint) readonly version!: number;
  @Column({ ...bigint, unique: true }) readonly position!: number;
  @Column('text') readonly type!: string;
  @Column('jsonb') readonly data!: object;
  @Column(instant) readonly at!: string;
  @Column('uuid') readonly messageId!: string;
}
export type Booked = { readonly type: 'booked'; readonly data: { readonly amount: number } };
export const accounts = stream<Account, Booked>(AccountEntity, AccountEventEntity, {
  evolve: (state, event, at) => ({ id: at.id, balance: (state?.balance ?? 0) + event.data.amount }),
});

@Entity('posting')
class PostingEntity {
  @PrimaryColumn('uuid') readonly purchaseId!: string;
  @PrimaryColumn(bigint) readonly amount!: number;
}
export const postings = appendOnly(PostingEntity);

export class ShopTables1763683200001 implements MigrationInterface {
  readonly statements = [
    `create table purchase (id uuid primary key, status text not null, total bigint not null check (total >= 0),
      paid boolean not null, placed_at timestamptz not null, lines jsonb not null, version bigint not null)`,
    `create table stock (sku text primary key, available integer not null check (available >= 0), version bigint not null)`,
    'create table account (id text primary key, balance bigint not null, version bigint not null)',
    `create table account_event (position bigint not null unique, stream_id text not null, version bigint not null,
      type text not null, data jsonb not null, at timestamptz not null, message_id uuid not null, primary key (stream_id, version))`,
    'create table posting (purchase_id uuid not null, amount bigint not null, primary key (purchase_id, amount))',
  ];

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of this.statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['posting', 'account_event', 'account', 'stock', 'purchase']) {
      await runner.query(`drop table ${table}`);
    }
  }
}

export const shop = {
  tables: [purchases, stock, accounts, postings],
  migrations: [ShopTables1763683200001],
};

/** A batch that writes only the given parts. */
export const batchOf = (parts: Partial<Batch>): Batch => ({ ...emptyBatch, ...parts });

export const inboxRow = (parts: Partial<InboxRow> = {}): InboxRow => {
  const messageId = newId();
  return {
    group: 'shop',
    messageId,
    key: 'k',
    type: 'shop.thing',
    source: 'test',
    correlationId: messageId,
    causationId: null,
    channel: 'shop.commands',
    broker: 'embedded',
    attempt: 0,
    outcome: 'applied',
    at: '2026-01-02T03:04:05.678Z',
    durationMs: 1,
    first: true,
    ...parts,
  };
};

export const purchase = (parts: Partial<Purchase> = {}): Purchase => ({
  id: newId(),
  status: 'pending',
  total: 1999,
  paid: false,
  placedAt: '2026-01-02T03:04:05.670Z',
  lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
  ...parts,
});

export const purchaseWrite = (value: Purchase, loaded = 0): StateWrite => ({
  table: purchases as unknown as StateWrite['table'],
  id: value.id,
  value,
  loaded,
  version: loaded + 1,
});

const Happened = event('shop.happened', {
  schema: z.strictObject({}),
  key: () => 'k',
  summary: 'for tests',
}) as Contract;

export const outboxRow = (parts: Partial<OutboxRow> = {}): OutboxRow => {
  const id = parts.id ?? newId();
  const key = parts.key ?? 'k';
  const envelope: OutboxRow['envelope'] = {
    id,
    type: 'shop.happened',
    version: 1,
    kind: 'event',
    occurredAt: '2026-01-02T03:04:05.678Z',
    key,
    correlationId: id,
    causationId: null,
    traceparent: null,
    priority: 'normal',
    expiresAt: null,
    source: 'shop',
    sequence: null,
    attributes: {},
    routingKey: 'shop.happened.v1',
    data: {},
  };
  const body = parts.body ?? JSON.stringify(envelope);
  return {
    id,
    broker: 'embedded',
    outboxPartition: 0,
    channel: 'shop.events',
    key,
    dueAt: null,
    body,
    bytes: Buffer.byteLength(body),
    own: true,
    envelope,
    contract: Happened,
    ...parts,
  };
};
