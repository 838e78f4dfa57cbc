import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { Internal } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { AcceptMinuteRepository } from '../storage/accept-minute.repository.ts';
import { AlertRepository } from '../storage/alert.repository.ts';
import {
  type AcceptsBody,
  acceptsBody,
  type ObservationBody,
  observationBody,
} from './alerts.schema.ts';

/** Takes what gateways see of the health of the system; requires a service token. */
@ApiExcludeController()
@Internal()
@Controller('internal/observations')
export class AlertObservationsController {
  constructor(
    private readonly alerts: AlertRepository,
    private readonly minutes: AcceptMinuteRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** With everything bad at once, it is larger than other bodies. */
  @Post()
  @RouteConfig({ bodyLimit: 1024 * 1024 })
  @HttpCode(204)
  async observe(@Body({ schema: observationBody }) body: ObservationBody): Promise<void> {
    await this.alerts.observe({ ...body, at: this.clock.now().toISOString() });
  }

  /** Stores what a gateway has counted of the answers to orders, and returns what all others have. */
  @Post('accepts')
  @HttpCode(200)
  count(@Body({ schema: acceptsBody }) { source, accepts }: AcceptsBody) {
    return this.minutes.exchange(source, accepts);
  }
}
