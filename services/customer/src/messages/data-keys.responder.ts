import { Injectable } from '@nestjs/common';
import { FindDataKeys } from '@waybill/contracts';
import { answers, Handles } from '@waybill/messaging';
import { DataKeyFinder } from '../storage/data-key-finder.ts';

/** Answers requests of other services in this process for the keys of customers. */
@Injectable()
export class DataKeysResponder {
  constructor(private readonly finder: DataKeyFinder) {}

  @Handles()
  find() {
    return answers(FindDataKeys, ({ subject }) => this.finder.find(subject));
  }
}
