import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MessagingModule } from '@waybill/messaging';
import { PersistenceModule } from '@waybill/persistence';
import { ServiceModule } from '@waybill/service';
import { customerConfig } from './customer.config.ts';
import { AccountConsumer } from './messages/account.consumer.ts';
import { PersonalData, PlainPersonalData } from './personal-data.ts';
import { DevelopmentAccounts, seedAccounts } from './seed/development-accounts.ts';
import { Credentials } from './storage/credentials.repository.ts';
import {
  AccountEntity,
  AccountEventEntity,
  CredentialEntity,
  EmailOwnerEntity,
} from './storage/customer.entities.ts';
import { customerStorage } from './storage/customer.storage.ts';

/** The accounts of customers. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'customer',
      config: customerConfig,
      port: 8087,
      problems: { email_taken: 409 },
      seed: seedAccounts,
    }),
    PersistenceModule.forRoot(customerStorage),
    MessagingModule.forRoot(),
    TypeOrmModule.forFeature([
      AccountEntity,
      AccountEventEntity,
      EmailOwnerEntity,
      CredentialEntity,
    ]),
  ],
  providers: [
    AccountConsumer,
    Credentials,
    DevelopmentAccounts,
    { provide: PersonalData, useClass: PlainPersonalData },
  ],
})
export class CustomerModule {}
