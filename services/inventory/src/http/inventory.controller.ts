import { Body, Controller, Get, Headers, Inject, Param, Post } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { derivedId, newId, noProduct, sku, text } from '@waybill/contracts';
import { Answers, Problem, Refuses, Roles } from '@waybill/http';
import { CLOCK, type Clock, Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import type { Restock } from '../domain/restock.ts';
import type { InventoryConfig } from '../inventory.config.ts';
import { TakeGoodsIn } from '../messages/inventory.local.ts';
import { StockRepository, type StockView } from '../storage/stock.repository.ts';
import { type RestockBody, restockBody, restockView, stockView } from './inventory.schema.ts';

const idempotencyKey = text(1, 255).optional();
const noTime = '00000000-0000-7000-8000-000000000000';

@ApiTags('Stock')
@Roles('operator')
@Controller('api/v1/inventory/:sku')
export class InventoryController {
  constructor(
    private readonly stock: StockRepository,
    private readonly submitter: Submitter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: InventoryConfig,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The stock of a product, its warehouses and latest movements' })
  @Answers(200, stockView, 'The stock')
  @Refuses(404, 'unknown_sku')
  async read(@Param('sku', { schema: sku }) id: string): Promise<StockView> {
    const found = await this.stock.find(id);
    if (!found) throw new Problem(404, 'unknown_sku', noProduct(id));
    return found;
  }

  @Post('restock')
  @ApiOperation({ summary: 'Take goods in' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    schema: { type: 'string', maxLength: 255 },
  })
  @Answers(200, restockView, 'What was taken in')
  @Refuses(404, 'unknown_sku')
  @Refuses(422, 'idempotency_key_reused', 'stock_full')
  restock(
    @Param('sku', { schema: sku }) id: string,
    @Body({ schema: restockBody }) body: RestockBody,
    @Headers('idempotency-key') key: string | undefined,
    @Trace() trace: Trace,
  ): Promise<Restock> {
    return this.submitter.submit<Restock>(
      TakeGoodsIn({
        requestId: this.requestId(id, key),
        sku: id,
        quantity: body.quantity,
        warehouse: body.warehouse ?? this.config.defaultWarehouse,
      }),
      trace,
    );
  }

  /** The same key for the same product is the same delivery of goods. */
  private requestId(id: string, key: string | undefined): string {
    const parsed = idempotencyKey.safeParse(key);
    if (!parsed.success) {
      throw new Problem(400, 'invalid_request', 'Idempotency-Key has 1 to 255 characters', {
        errors: [{ path: '/Idempotency-Key', message: 'has 1 to 255 characters' }],
      });
    }
    if (parsed.data === undefined) return newId(this.clock.now());
    return derivedId(noTime, `${id}/${parsed.data}`);
  }
}
