import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { customersApi } from '@waybill/contracts/grpc';
import { MasterKey } from '@waybill/encryption';
import { MessagingModule } from '@waybill/messaging';
import { PersistenceModule } from '@waybill/persistence';
import { CONFIG, ServiceModule } from '@waybill/service';
import { SessionPurge } from './access/session-purge.ts';
import { Sessions } from './access/sessions.ts';
import { SignInLimit } from './access/sign-in-limit.ts';
import { SigningKeys } from './access/signing-keys.ts';
import { TokenIssuer } from './access/token-issuer.ts';
import { AccountWriter } from './commands/account-writer.ts';
import { AdmitCustomerHandler } from './commands/admit-customer.ts';
import { ChangeEmailHandler } from './commands/change-email.ts';
import { ChangePreferencesHandler } from './commands/change-preferences.ts';
import { EraseCustomerHandler } from './commands/erase-customer.ts';
import { Erasures } from './commands/erasures.ts';
import { RegisterCustomerHandler } from './commands/register-customer.ts';
import { RemoveAddressHandler } from './commands/remove-address.ts';
import { RotateKeysHandler } from './commands/rotate-keys.ts';
import { SaveAddressHandler } from './commands/save-address.ts';
import { SetStatusHandler } from './commands/set-status.ts';
import { type CustomerConfig, customerConfig } from './customer.config.ts';
import { CustomersRpc } from './grpc/customers.rpc.ts';
import { AccessController } from './http/access.controller.ts';
import { ActivityController } from './http/activity.controller.ts';
import { AddressesController } from './http/addresses.controller.ts';
import { CustomerViews } from './http/customer.views.ts';
import { CustomersController } from './http/customers.controller.ts';
import { ExportedAccount } from './http/exported-account.ts';
import { OwnAccountController } from './http/own-account.controller.ts';
import { AccountConsumer } from './messages/account.consumer.ts';
import { AccountResponder } from './messages/account.responder.ts';
import { DataKeysResponder } from './messages/data-keys.responder.ts';
import { publishedAccounts } from './messages/published-accounts.ts';
import { SessionConsumer } from './messages/session.consumer.ts';
import { PersonalData } from './personal-data.ts';
import { FindCustomerHandler } from './queries/find-customer.ts';
import { ListCustomerEventsHandler } from './queries/list-customer-events.ts';
import { ListCustomersHandler } from './queries/list-customers.ts';
import { DevelopmentAccounts, seedAccounts } from './seed/development-accounts.ts';
import { SessionEntity } from './storage/access.entities.ts';
import { AccountRepository } from './storage/account.repository.ts';
import { AccountActivityRepository } from './storage/account-activity.repository.ts';
import { Credentials } from './storage/credentials.repository.ts';
import {
  AccountEntity,
  AccountEventEntity,
  CredentialEntity,
  EmailOwnerEntity,
} from './storage/customer.entities.ts';
import { customerInvariants } from './storage/customer.invariants.ts';
import { customerStorage } from './storage/customer.storage.ts';
import { CustomerList } from './storage/customer-list.ts';
import { DataKeyEntity } from './storage/data-key.entity.ts';
import { DataKeyFinder } from './storage/data-key-finder.ts';
import { DataKeyStore } from './storage/data-key-store.ts';
import { EncryptedPersonalData } from './storage/encrypted-personal-data.ts';
import { ErasedRows } from './storage/erased-rows.ts';
import { SigningKeyRepository } from './storage/signing-key.repository.ts';
import { WrongPasswords } from './storage/wrong-passwords.repository.ts';

const commandHandlers = [
  AdmitCustomerHandler,
  EraseCustomerHandler,
  RotateKeysHandler,
  RegisterCustomerHandler,
  ChangeEmailHandler,
  ChangePreferencesHandler,
  SaveAddressHandler,
  RemoveAddressHandler,
  SetStatusHandler,
];
const queryHandlers = [FindCustomerHandler, ListCustomerEventsHandler, ListCustomersHandler];

/** The accounts of customers. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'customer',
      config: customerConfig,
      invariants: customerInvariants,
      port: 8087,
      grpc: { api: customersApi, port: 9087 },
      problems: {
        not_found: 404,
        email_taken: 409,
        customer_inactive: 403,
        too_many_addresses: 409,
        changed_meanwhile: 409,
      },
      seed: seedAccounts,
      published: publishedAccounts,
    }),
    PersistenceModule.forRoot(customerStorage),
    MessagingModule.forRoot(),
    CqrsModule.forRoot(),
    TypeOrmModule.forFeature([
      AccountEntity,
      AccountEventEntity,
      EmailOwnerEntity,
      CredentialEntity,
      SessionEntity,
      DataKeyEntity,
    ]),
  ],
  controllers: [
    AccessController,
    ActivityController,
    CustomersController,
    OwnAccountController,
    AddressesController,
    CustomersRpc,
  ],
  providers: [
    ...commandHandlers,
    ...queryHandlers,
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
    AccountResponder,
    AccountWriter,
    AccountRepository,
    CustomerList,
    ExportedAccount,
    CustomerViews,
    Credentials,
    ErasedRows,
    Erasures,
    DevelopmentAccounts,
    { provide: PersonalData, useClass: EncryptedPersonalData },
    DataKeyStore,
    DataKeyFinder,
    DataKeysResponder,
  ],
})
export class CustomerModule {}
