import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Health, type HealthReport, Metrics } from '@waybill/observability';
import type { FastifyReply } from 'fastify';
import { Tokenless } from './auth/caller.ts';
import { Problem } from './problem.ts';

/** Liveness, readiness, health and metrics. */
@ApiExcludeController()
@Tokenless()
@Controller()
export class HealthController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  live() {
    return { status: 'healthy', service: this.health.service };
  }

  @Get('health/ready')
  async ready() {
    const obstacles = await this.health.obstacles();
    if (obstacles.length === 0) return { status: 'healthy', service: this.health.service };
    const names = obstacles.map(({ name }) => name).join(', ');
    throw new Problem(503, 'not_ready', `${this.health.service} is not ready: ${names}`, {
      headers: { 'retry-after': '2' },
    });
  }

  @Get('health')
  async all(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    const report = await this.health.report();
    if (report.status === 'unhealthy') void reply.code(503);
    return report;
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  text(): Promise<string> {
    return this.metrics.text();
  }
}
