import { Module } from '@nestjs/common';
import { DataKeysDeleted, FindDataKeys, foundDataKeys, StepFailed } from '@waybill/contracts';
import { findAccountByGrpc, findDataKeysByGrpc } from '@waybill/contracts/grpc';
import { MessagingModule } from '@waybill/messaging';
import { PersistenceModule } from '@waybill/persistence';
import { Resilience } from '@waybill/resilience';
import { SagaModule } from '@waybill/saga';
import {
  CONFIG,
  FAULTS,
  type FaultPoints,
  FaultyResilience,
  ServiceModule,
} from '@waybill/service';
import { Customers } from './clients/customers.client.ts';
import { SandboxPaymentClient } from './clients/sandbox-payment.client.ts';
import type { StripePaymentClient } from './clients/stripe-payment.client.ts';
import type { PaymentProvider } from './domain/provider.ts';
import { CreditController } from './http/credit.controller.ts';
import { ExportedPayments } from './http/exported-payments.ts';
import { PaymentsController } from './http/payments.controller.ts';
import { ProviderWebhookController } from './http/provider-webhook.controller.ts';
import { SandboxWebhooks } from './http/sandbox-webhooks.ts';
import { CreditConsumer } from './messages/credit.consumer.ts';
import { OpenChallenges } from './messages/open-challenges.ts';
import { PaymentConsumer } from './messages/payment.consumer.ts';
import { type PaymentConfig, paymentConfig } from './payment.config.ts';
import { PAYMENT_PROVIDER, PROVIDER_WEBHOOKS } from './payment.tokens.ts';
import { ProviderConnection } from './provider-connection.ts';
import { CreditRepository } from './storage/credit.repository.ts';
import { paymentInvariants } from './storage/payment.invariants.ts';
import { PaymentRepository } from './storage/payment.repository.ts';
import { paymentStorage } from './storage/payment.storage.ts';
import { publishedPayments } from './storage/published-payments.ts';

/** The SDK of Stripe is loaded only where it is used. */
async function providerOf({ provider, stripe }: PaymentConfig, resilience: Resilience) {
  if (!stripe) return new SandboxPaymentClient(provider, resilience);
  const { StripePaymentClient } = await import('./clients/stripe-payment.client.ts');
  return new StripePaymentClient(stripe, resilience);
}

async function webhooksOf({ stripe, webhookSecrets }: PaymentConfig, provider: PaymentProvider) {
  if (!stripe) return new SandboxWebhooks(webhookSecrets);
  const { StripeWebhooks } = await import('./http/stripe-webhooks.ts');
  return new StripeWebhooks(stripe.webhookSecrets, (id) =>
    (provider as StripePaymentClient).orderOf(id),
  );
}

/** Authorizes, captures and refunds the payments of orders. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'payment',
      config: paymentConfig,
      invariants: paymentInvariants,
      port: 8083,
      problems: {
        insufficient_credit: 409,
        wrong_currency: 422,
        balance_too_large: 422,
        idempotency_key_reused: 422,
      },
      calls: [findDataKeysByGrpc, findAccountByGrpc],
      dataKeys: { contract: FindDataKeys, answer: foundDataKeys, deleted: DataKeysDeleted },
      published: publishedPayments,
      retained: ({ callRetention, eventRetention }) => [
        { table: 'provider_calls', at: 'at', keep: callRetention },
        { table: 'provider_events', at: 'at', keep: eventRetention },
      ],
    }),
    PersistenceModule.forRoot(paymentStorage),
    MessagingModule.forRoot(),
    SagaModule.forParticipant(StepFailed, 'orderId'),
  ],
  controllers: [ProviderWebhookController, PaymentsController, CreditController],
  providers: [
    PaymentConsumer,
    CreditConsumer,
    ExportedPayments,
    PaymentRepository,
    CreditRepository,
    Customers,
    OpenChallenges,
    ProviderConnection,
    {
      provide: Resilience,
      inject: [FAULTS],
      useFactory: (faults: FaultPoints | null) => new FaultyResilience(faults),
    },
    {
      provide: PAYMENT_PROVIDER,
      inject: [CONFIG, Resilience],
      useFactory: providerOf,
    },
    {
      provide: PROVIDER_WEBHOOKS,
      inject: [CONFIG, PAYMENT_PROVIDER],
      useFactory: webhooksOf,
    },
  ],
})
export class PaymentModule {}
