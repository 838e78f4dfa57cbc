import type { Encrypted } from '@waybill/contracts';
import { bigint, instant, states, stream } from '@waybill/persistence';
import { Column, Entity, PrimaryColumn, Unique, VersionColumn } from 'typeorm';
import type {
  AccountEvent,
  AccountRole,
  BookedAddress,
  Preferences,
} from '../domain/account.events.ts';
import { type Account, type AccountStatus, evolve } from '../domain/account.ts';

/** The folded accounts. */
@Entity('customer_accounts')
export class AccountEntity implements Account {
  @PrimaryColumn('text', { collation: 'C' }) id!: string;
  @Column('text') status!: AccountStatus;
  @Column('text', { nullable: true }) email!: Encrypted<string> | null;
  @Column('text', { nullable: true }) emailDomain!: string | null;
  @Column('text', { nullable: true }) name!: Encrypted<string> | null;
  @Column('text') locale!: string;
  @Column('jsonb') roles!: readonly AccountRole[];
  @Column('jsonb') addresses!: readonly BookedAddress[];
  @Column('jsonb') preferences!: Preferences;
  @Column(instant) registeredAt!: string;
  @Column(instant) updatedAt!: string;
  @Column('integer') revision!: number;
  @VersionColumn(bigint) version!: number;
}

/** The events of all accounts; `position` numbers them without gaps. */
@Entity('customer_events')
export class AccountEventEntity {
  @Column({ ...bigint, unique: true }) position!: number;
  @PrimaryColumn('text') streamId!: string;
  @PrimaryColumn(bigint) version!: number;
  @Column('text') type!: string;
  @Column('jsonb') data!: object;
  @Column(instant) at!: string;
  @Column('uuid') messageId!: string;
}

export const accounts = stream<Account, AccountEvent>(AccountEntity, AccountEventEntity, {
  evolve,
  seldom: ['roles', 'registeredAt'],
});

/** Who has an e-mail address: one row per keyed hash of an address, with no owner once it is free again. */
@Entity('email_owners')
// Deferred, because one commit gives an address back and takes another.
@Unique('email_owners_of_customer', ['customerId'], { deferrable: 'INITIALLY DEFERRED' })
export class EmailOwnerEntity {
  @PrimaryColumn('text', { collation: 'C' }) emailHash!: string;
  @Column('text', { nullable: true }) customerId!: string | null;
  @VersionColumn(bigint) version!: number;
}
export const emailOwners = states(EmailOwnerEntity, { shared: true });

/** The password of an account as a hash; without a row, nobody signs in with a password. */
@Entity('credentials')
export class CredentialEntity {
  @PrimaryColumn('text', { collation: 'C' }) customerId!: string;
  @Column('text') passwordHash!: string;
  @Column(instant) changedAt!: string;
  @VersionColumn(bigint) version!: number;
}
export const credentials = states(CredentialEntity);

/** The list of customers in one of its generations, which its read model writes. */
@Entity('customer_list')
export class CustomerListEntity {
  @PrimaryColumn('integer') generation!: number;
  @PrimaryColumn('text', { collation: 'C' }) id!: string;
  @Column('boolean') active!: boolean;
  @Column('text', { nullable: true }) email!: Encrypted<string> | null;
  @Column('text', { nullable: true }) emailDomain!: string | null;
  @Column('text', { nullable: true }) name!: Encrypted<string> | null;
  @Column('text') locale!: string;
  @Column(instant) registeredAt!: string;
}
