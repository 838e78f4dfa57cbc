import type { DynamicModule, Provider } from '@nestjs/common';
import { type DevelopmentIssuer, TokenController } from '@waybill/http';
import { HealthController } from './http/health.controller.ts';
import { ChannelsController } from './ops/channels.controller.ts';
import { DeadLettersController } from './ops/dead-letters.controller.ts';
import { FaultsController } from './ops/faults.controller.ts';
import { JourneyController } from './ops/journey.controller.ts';

class GatewayModule {}

/** The gateway's own routes: sign-in, and everything merged from the responses of all services. */
export function gatewayModule(
  issuer: DevelopmentIssuer | null,
  providers: Provider[],
): DynamicModule {
  return {
    module: GatewayModule,
    controllers: [
      HealthController,
      ChannelsController,
      DeadLettersController,
      FaultsController,
      JourneyController,
      ...(issuer ? [TokenController] : []),
    ],
    providers,
  };
}
