import { type DynamicModule, Module } from '@nestjs/common';
import { StepFailed } from '@waybill/contracts';
import { Resilience } from '@waybill/resilience';
import { SagaModule } from '@waybill/saga';
import { SandboxPaymentClient } from './clients/sandbox-payment.client.ts';
import type { PaymentProvider } from './domain/provider.ts';
import { PaymentsController } from './http/payments.controller.ts';
import { ProviderWebhookController } from './http/provider-webhook.controller.ts';
import { PaymentConsumer } from './messages/payment.consumer.ts';
import type { PaymentConfig } from './payment.config.ts';
import { PAYMENT_PROVIDER } from './payment.tokens.ts';
import { ProviderConnection } from './provider-connection.ts';
import { PaymentRepository } from './storage/payment.repository.ts';

@Module({})
class PaymentModule {}

/** Everything of payment; `provider` stands in for the one that the settings name. */
export function paymentModule(config: PaymentConfig, provider?: PaymentProvider): DynamicModule {
  const resilience = new Resilience();
  return {
    module: PaymentModule,
    imports: [SagaModule.forParticipant(StepFailed, 'orderId')],
    controllers: [ProviderWebhookController, PaymentsController],
    providers: [
      PaymentConsumer,
      PaymentRepository,
      ProviderConnection,
      { provide: Resilience, useValue: resilience },
      {
        provide: PAYMENT_PROVIDER,
        useFactory: () => provider ?? new SandboxPaymentClient(config.provider, resilience),
      },
    ],
  };
}
