import { Injectable } from '@nestjs/common';
import { FindProducts } from '@waybill/contracts';
import { answers, Handles } from '@waybill/messaging';
import { ProductFinder } from '../storage/product-finder.ts';

/** Answers requests of other services for products over the broker. */
@Injectable()
export class ProductResponder {
  constructor(private readonly finder: ProductFinder) {}

  @Handles()
  find() {
    return answers(FindProducts, ({ skus }) => this.finder.find(skus));
  }
}
