import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, AnswersAs, MayAnswer, Problem, Refuses, Tokenless } from '@waybill/http';
import { type HealthStatus, Metrics, mergedMetrics } from '@waybill/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isForwarded } from '../caller-address.ts';
import { Upstreams } from '../upstreams/upstream.ts';
import { liveAnswer, systemHealthAnswer } from './health.schema.ts';
import { SystemHealth } from './system-health.ts';

const order: readonly HealthStatus[] = ['healthy', 'degraded', 'unhealthy'];
const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** The health of the whole system: that of its worst part. */
@ApiTags('Health')
@Tokenless()
@Controller()
export class HealthController {
  constructor(
    private readonly upstreams: Upstreams,
    private readonly metrics: Metrics,
    private readonly health: SystemHealth,
  ) {}

  @Get('health/live')
  @ApiOperation({ summary: 'Is the process alive?' })
  @Answers(200, liveAnswer, 'It is')
  live() {
    return { status: 'healthy' };
  }

  @Get('health/ready')
  @ApiOperation({ summary: 'Can every service take requests?' })
  @Answers(200, liveAnswer, 'They can')
  @Refuses(503, 'not_ready')
  async ready() {
    const all = await Promise.all(
      this.upstreams.all.map(async (upstream) => ({
        name: upstream.name,
        obstacles: await upstream.obstacles(),
      })),
    );
    const bad = all.filter(({ obstacles }) => obstacles.length > 0);
    if (bad.length === 0) return { status: 'healthy' };
    const names = bad.map(({ name, obstacles }) => `${name} (${obstacles.join(', ')})`);
    throw new Problem(503, 'not_ready', `not ready: ${names.join('; ')}`, {
      headers: { 'retry-after': '2' },
    });
  }

  @Get('health')
  @ApiOperation({ summary: 'Every check of every service, with its thresholds' })
  @Answers(200, systemHealthAnswer, 'Healthy or degraded')
  @MayAnswer(503, systemHealthAnswer, 'Unhealthy')
  async all(@Res({ passthrough: true }) reply: FastifyReply) {
    const services = await this.health.reports();
    const worst = Math.max(0, ...services.map(({ status }) => order.indexOf(status)));
    if (order[worst] === 'unhealthy') void reply.code(503).header('retry-after', '2');
    return { status: order[worst], services };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({ summary: 'Prometheus metrics of every service; on loopback only' })
  @AnswersAs('text/plain', 'Metrics in the text format of Prometheus')
  @Refuses(404, 'not_found')
  async text(@Req() request: FastifyRequest): Promise<string> {
    // A proxy on the same machine comes by loopback too, whoever it speaks for.
    if (!loopback.has(request.socket.remoteAddress ?? '') || isForwarded(request.raw)) {
      throw new Problem(404, 'not_found', 'there is nothing at this path');
    }
    return mergedMetrics([this.metrics, ...this.upstreams.all.map(({ metrics }) => metrics)]);
  }
}
