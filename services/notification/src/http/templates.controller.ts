import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Problem, Refuses, Roles } from '@waybill/http';
import { type News, renderEmail, templates } from '../domain/email.ts';
import {
  type PreviewQuery,
  previewAnswer,
  previewQuery,
  type TemplatePreview,
  templateName,
} from './notifications.schema.ts';

/** An order that never was. */
const sample: News = {
  number: 'W-1001',
  customerName: 'Ada Lovelace',
  lines: [
    { sku: 'LAPTOP-13', quantity: 1 },
    { sku: 'MUG', quantity: 2 },
  ],
  total: { amount: 133_580, currency: 'EUR' },
  reason: null,
};
const samples: Readonly<Record<string, Partial<News>>> = {
  'order-rejected': { reason: 'payment_declined' },
  'order-refunded': { refunded: { amount: 3_580, currency: 'EUR' } },
  welcome: { number: '', lines: [], total: null },
};

@ApiTags('Notifications')
@Roles('operator')
@Controller('api/v1/templates')
export class TemplatesController {
  @Get(':name/preview')
  @ApiOperation({ summary: 'An e-mail template with the data of a made-up order' })
  @Answers(200, previewAnswer, 'The e-mail')
  @Refuses(404, 'not_found')
  preview(
    @Param('name', { schema: templateName }) name: string,
    @Query({ schema: previewQuery }) { locale }: PreviewQuery,
  ): TemplatePreview {
    const template = templates.find((each) => each === name);
    if (!template)
      throw new Problem(404, 'not_found', `there is no template ${name}: ${templates.join(', ')}`);
    const news = { ...sample, ...samples[template] };
    return { template, locale, ...renderEmail(template, news, locale) };
  }
}
