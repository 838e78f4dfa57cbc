import { Readable } from 'node:stream';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Caller } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import type { FastifyReply } from 'fastify';
import { exportAnswer } from './export.schema.ts';
import { PersonalExport } from './personal-export.ts';

/** The data of a customer from all services. */
@ApiTags('Customers')
@Controller('api/v1/customers/me/export')
export class ExportController {
  constructor(
    private readonly personal: PersonalExport,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Everything that the system has of you, as one JSON document.',
    description:
      'It comes as it is read, so it is not of one moment. `missing` names parts that a service did not give, which is no error.',
  })
  @Answers(200, exportAnswer, 'Your data')
  read(@Caller() { id }: Caller, @Res() reply: FastifyReply): void {
    const text = Readable.from(this.personal.text(id, this.clock.now()), { objectMode: false });
    void reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('content-disposition', 'attachment; filename="customer-data.json"')
      .header('cache-control', 'no-store')
      .send(text);
  }
}
