import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Problem, Refuses, Roles } from '@waybill/http';
import { Work, WorkQueues } from '@waybill/work-queue';
import { digestQueue } from '../messages/digest.consumer.ts';
import { emailQueue } from '../messages/notified.ts';
import { alertQueue } from '../storage/alert.repository.ts';
import { webhookQueue } from '../storage/webhook-delivery.repository.ts';
import { type QueueView, queueName, queueView } from './notifications.schema.ts';

const names = [emailQueue, digestQueue, webhookQueue, alertQueue];
/** How many of the next jobs are shown. */
const shown = 10;

/** The work queues of the service, as Redis has them. */
@ApiTags('Notifications')
@Roles('operator')
@Controller('api/v1/notifications/queues')
export class QueuesController {
  constructor(
    private readonly queues: WorkQueues,
    private readonly work: Work,
  ) {}

  @Get(':name')
  @ApiOperation({ summary: 'How many jobs a work queue has, and which are next' })
  @Answers(200, queueView, 'The queue: email, digest, webhooks or alerts')
  @Refuses(404, 'not_found')
  @Refuses(503, 'unavailable')
  async read(@Param('name', { schema: queueName }) name: string): Promise<QueueView> {
    const queue = this.queues.priority(known(name));
    const [size, next] = await Promise.all([queue.size(), queue.peek(shown)]);
    return { name, ...size, next: [...next] };
  }

  @Post(':name/rebuild')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Empty a work queue, and fill it again with the jobs that the database has',
    description:
      'For a Redis that was restored from another time. No job is lost or done twice by it.',
  })
  @Answers(200, queueView, 'The queue as it is now')
  @Refuses(404, 'not_found')
  @Refuses(503, 'unavailable')
  async rebuild(@Param('name', { schema: queueName }) name: string): Promise<QueueView> {
    await this.work.rebuild(known(name));
    return this.read(name);
  }
}

function known(name: string): string {
  if (names.includes(name)) return name;
  throw new Problem(404, 'not_found', `there is no queue ${name}: ${names.join(', ')}`);
}
