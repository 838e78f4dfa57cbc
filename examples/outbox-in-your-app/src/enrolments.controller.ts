import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { Outbox } from '@waybill/persistence';
import { DataSource } from 'typeorm';
import { Enrolment } from './enrolment.entity.ts';
import { Requested } from './enrolment.messages.ts';

@Controller('enrolments')
export class EnrolmentsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {}

  /** The row and the message are committed in one transaction. */
  @Post()
  async request(@Body() { course }: { course: string }): Promise<{ id: string }> {
    const id = randomUUID();
    await this.dataSource.transaction(async (manager) => {
      await manager.insert(Enrolment, { id, course, status: 'requested' });
      await this.outbox.add(manager, Requested({ id, course }));
    });
    return { id };
  }

  @Get()
  list(): Promise<Enrolment[]> {
    return this.dataSource.manager.find(Enrolment);
  }
}
