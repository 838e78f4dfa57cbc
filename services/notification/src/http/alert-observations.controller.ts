import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { Internal } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { AlertRepository } from '../storage/alert.repository.ts';
import { type ObservationBody, observationBody } from './alerts.schema.ts';

/** Takes what gateways see of the health of the system; requires a service token. */
@ApiExcludeController()
@Internal()
@Controller('internal/observations')
export class AlertObservationsController {
  constructor(
    private readonly alerts: AlertRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** With everything bad at once, it is larger than other bodies. */
  @Post()
  @RouteConfig({ bodyLimit: 1024 * 1024 })
  @HttpCode(204)
  async observe(@Body({ schema: observationBody }) body: ObservationBody): Promise<void> {
    await this.alerts.observe({ ...body, at: this.clock.now().toISOString() });
  }
}
