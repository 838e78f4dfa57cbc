import { Inject, Injectable } from '@nestjs/common';
import { ProductRestocked } from '@waybill/contracts';
import { csvLine } from '@waybill/http';
import { type Decision, Handles, on, type StateRef } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import {
  type IdentifiedDelivery,
  type LineOutcome,
  type TakenDeliveries,
  takeDeliveriesIn,
} from '../domain/deliveries.ts';
import { isRefused, type RefusedLine } from '../domain/delivery-line.ts';
import { noStock } from '../domain/stock.ts';
import { afterPart } from '../domain/stock-import.ts';
import type { InventoryConfig } from '../inventory.config.ts';
import { importPages, stockImports } from '../storage/import.entities.ts';
import { movements, products, restocks, stock } from '../storage/inventory.entities.ts';
import { TakeDeliveriesIn } from './import.local.ts';

/** Takes files of deliveries in, part by part: the position in the file commits with what the part changes. */
@Injectable()
export class ImportConsumer {
  constructor(@Inject(CONFIG) private readonly config: InventoryConfig) {}

  @Handles()
  takeDeliveriesIn() {
    return on(TakeDeliveriesIn, stockImports, {
      state: ({ importId }) => importId,
      also: ({ lines }) => lines.flatMap(statesOf),
      decide: (found, { importId, position, end, line, lines }, { read, now, id }) => {
        if (found?.position !== position || found.finishedAt) return {};
        const taken = takeDeliveriesIn(
          lines,
          {
            isProduct: (sku) => read(products.at(sku)) !== undefined,
            restockOf: (requestId) => read(restocks.at(requestId)),
            stockOf: (sku) => read(stock.at(sku)) ?? noStock(sku, this.config.lowStockThreshold),
          },
          { now, movementOf: (number) => id(`movement-${number}`) },
        );
        const { outcomes } = taken;
        const report = outcomes.map(reportLine).join('');
        return {
          changes: [
            stockImports.put(afterPart(found, { end, line, outcomes }, now)),
            importPages.entry({ importId, line, report, at: now.toISOString() }),
            ...taken.restocks.map((each) => restocks.put(each)),
            ...[...taken.stocks.values()].map((each) => stock.put(each)),
            ...taken.movements.map((each) => movements.entry(each)),
          ],
          send: restocked(taken),
        };
      },
    });
  }
}

/** The head of the report, whose lines are `reportLine`s. */
export const reportHead = csvLine(['line', 'outcome', 'reference', 'field', 'rule']);

const reportLine = ({ line, outcome, reference, field, rule }: LineOutcome): string =>
  csvLine([line, outcome, reference, field, rule]);

const statesOf = (line: IdentifiedDelivery | RefusedLine): StateRef[] =>
  isRefused(line) ? [] : [restocks.at(line.requestId), products.at(line.sku), stock.at(line.sku)];

/** One event for all deliveries of a product, since those who wait for the product need no more. */
const restocked = ({ stocks, arrivals }: TakenDeliveries): Decision['send'] =>
  [...arrivals].map(([sku, { requestId, quantity }]) =>
    ProductRestocked({
      requestId,
      sku,
      quantity,
      available: stocks.get(sku)?.available ?? 0,
    }),
  );
