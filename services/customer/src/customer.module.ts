import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MasterKey } from '@waybill/encryption';
import { MessagingModule } from '@waybill/messaging';
import { PersistenceModule } from '@waybill/persistence';
import { CONFIG, ServiceModule } from '@waybill/service';
import { SessionPurge } from './access/session-purge.ts';
import { Sessions } from './access/sessions.ts';
import { SignInLimit } from './access/sign-in-limit.ts';
import { SigningKeys } from './access/signing-keys.ts';
import { TokenIssuer } from './access/token-issuer.ts';
import { type CustomerConfig, customerConfig } from './customer.config.ts';
import { AccessController } from './http/access.controller.ts';
import { ActivityController } from './http/activity.controller.ts';
import { AccountConsumer } from './messages/account.consumer.ts';
import { SessionConsumer } from './messages/session.consumer.ts';
import { PersonalData, PlainPersonalData } from './personal-data.ts';
import { DevelopmentAccounts, seedAccounts } from './seed/development-accounts.ts';
import { SessionEntity } from './storage/access.entities.ts';
import { AccountActivityRepository } from './storage/account-activity.repository.ts';
import { Credentials } from './storage/credentials.repository.ts';
import {
  AccountEntity,
  AccountEventEntity,
  CredentialEntity,
  EmailOwnerEntity,
} from './storage/customer.entities.ts';
import { customerStorage } from './storage/customer.storage.ts';
import { SigningKeyRepository } from './storage/signing-key.repository.ts';
import { WrongPasswords } from './storage/wrong-passwords.repository.ts';

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
      SessionEntity,
    ]),
  ],
  controllers: [AccessController, ActivityController],
  providers: [
    {
      provide: MasterKey,
      inject: [CONFIG],
      useFactory: ({ encryptionKeys }: CustomerConfig) => new MasterKey(encryptionKeys),
    },
    SessionConsumer,
    Sessions,
    SessionPurge,
    SignInLimit,
    SigningKeys,
    SigningKeyRepository,
    TokenIssuer,
    WrongPasswords,
    AccountActivityRepository,
    AccountConsumer,
    Credentials,
    DevelopmentAccounts,
    { provide: PersonalData, useClass: PlainPersonalData },
  ],
})
export class CustomerModule {}
